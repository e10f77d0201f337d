import { tick } from 'svelte';
import type { BuildRecord } from '../../src-main/contract/build-records-api.ts';
import type { DesktopApi } from '../../src-main/contract/desktop-api.ts';
import { isEngineError, type SourceLocation } from '../../src-main/contract/errors.ts';
import type { Engine } from '../../src-main/contract/engine-api.ts';
import type { ArchiveFormat, TagEvent } from '../../src-main/contract/images-api.ts';
import { newsOf } from './build-news.ts';
import type { BuildRun } from './build-run.svelte.ts';
import { BuildScreen, type AsideName } from './build-screen.svelte.ts';
import { BuildsScreen } from './builds-screen.svelte.ts';
import { CacheScreen } from './cache-screen.svelte.ts';
import { isEditorCommand, type EditorCommand } from './commands.ts';
import { EngineStatusLine } from './engine-status.svelte.ts';
import { toFailure, type Failure } from './failure.ts';
import { ImagesScreen, keyOf } from './images-screen.svelte.ts';
import { LayersScreen } from './layers-screen.svelte.ts';
import { remoteName } from './local-names.ts';
import { PullDialog, type Pulled } from './pull-dialog.svelte.ts';
import { PushDialog, type Pushed } from './push-dialog.svelte.ts';
import { RegistriesScreen } from './registries-screen.svelte.ts';
import { SettingsScreen } from './settings-screen.svelte.ts';
import { TagMoves } from './tag-moves.svelte.ts';
import { Toasts } from '../ui/toasts.svelte.ts';

export const SCREENS = ['build', 'images', 'layers', 'builds', 'registries', 'settings'] as const;
const BUILD_FILE = /\.varvebuild$/i;
const ARCHIVE = /\.(?:tar|tgz|tar\.(?:gz|zst))$/i;
export type ScreenName = (typeof SCREENS)[number];

/** The whole window: its screens, and what goes from one to another. */
export class AppState {
  screen = $state<ScreenName>('build');
  paletteOpen = $state(false);
  readonly toasts = new Toasts();
  readonly desktop: DesktopApi;
  readonly status: EngineStatusLine;
  readonly moves: TagMoves;
  readonly build: BuildScreen;
  readonly images: ImagesScreen;
  readonly layers: LayersScreen;
  readonly builds: BuildsScreen;
  readonly registries: RegistriesScreen;
  readonly pull: PullDialog;
  readonly push: PushDialog;
  readonly settings: SettingsScreen;
  /** The build for which it is being asked which Dockerfile is meant. */
  rebuilding = $state.raw<BuildRecord>();
  readonly cache: CacheScreen;
  readonly #engine: Engine;

  constructor(engine: Engine, desktop: DesktopApi) {
    this.#engine = engine;
    this.desktop = desktop;
    this.status = new EngineStatusLine(engine);
    this.moves = new TagMoves(engine.api, this.toasts);
    this.build = new BuildScreen(engine.api, (run) => void this.#tellOf(run));
    this.images = new ImagesScreen(engine.api, this.toasts, this.moves);
    this.layers = new LayersScreen(engine.api);
    this.builds = new BuildsScreen(engine.api, this.toasts);
    this.registries = new RegistriesScreen(engine.api);
    this.pull = new PullDialog(engine.api, (outcome) => this.#tellOfPull(outcome));
    this.push = new PushDialog(engine.api, (outcome, isSeen) => this.#tellOfPush(outcome, isSeen));
    this.settings = new SettingsScreen(engine.api);
    this.cache = new CacheScreen(engine.api);
  }

  /** Asks for what the screens show: at the start, and after each new connection. */
  refresh(): void {
    void this.build.loadStart();
    void this.build.document?.recheck();
    void this.images.refresh();
    this.builds.changed();
    void this.status.refresh();
  }

  /** Follows the engine and the menu until the returned function is called. */
  follow(): () => void {
    const stops = [
      this.status.follow(),
      this.#engine.on('imagesChanged', () => void this.images.refresh()),
      this.#engine.on('buildRecordsChanged', () => this.builds.changed()),
      this.#engine.on('storeChanged', () => void this.cache.refreshIfShown()),
      this.desktop.onCommand((command) => void this.command(command)),
    ];
    return () => stops.forEach((stop) => stop());
  }

  show(screen: ScreenName): void {
    this.screen = screen;
  }

  showLayers(ref: string): void {
    this.screen = 'layers';
    void this.layers.open(ref);
  }

  /** The Layers screen from the side bar shows the image chosen last, else the newest. */
  showLayersScreen(): void {
    const row = this.images.selected ?? this.images.visible[0];
    if (this.layers.ref === undefined && row !== undefined) this.showLayers(keyOf(row));
    else this.screen = 'layers';
  }

  async openFolder(path: string): Promise<void> {
    this.screen = 'build';
    await this.build.open(path);
  }

  /** Opens what was dropped: a folder, or an archive to load. `isFolder` is undefined where the host cannot tell. */
  async openDropped(file: File, isFolder: boolean | undefined): Promise<void> {
    const path = this.desktop.pathOfDropped(file);
    if (path === '') {
      this.toasts.error({
        message: 'This window is not told where a dropped folder lies.',
        hint: 'Use Choose folder… instead.',
      });
    } else if (isFolder === false && BUILD_FILE.test(file.name)) {
      this.screen = 'builds';
      await this.builds.open(path);
    } else if (isFolder === false && ARCHIVE.test(file.name)) {
      this.screen = 'images';
      await this.images.load(path);
    } else if (isFolder === false) {
      this.screen = 'build';
      this.build.openFailure = {
        code: 'INVALID_INPUT',
        message: `${file.name} is not a folder.`,
        hint: 'Drop the folder that holds the Dockerfile.',
        location: undefined,
      };
    } else {
      await this.openFolder(path);
    }
  }

  async chooseFolder(): Promise<void> {
    try {
      const path = await this.desktop.chooseFolder();
      if (path !== undefined) await this.openFolder(path);
    } catch (error) {
      this.toasts.error(toFailure(error));
    }
  }

  async loadArchive(): Promise<void> {
    const path = await this.desktop.chooseArchive();
    if (path === undefined) return;
    this.screen = 'images';
    await this.images.load(path);
  }

  /** The path of a certificate or key, as PEM; undefined when none was chosen. */
  async chooseCertificate(): Promise<string | undefined> {
    try {
      return await this.desktop.chooseCertificate();
    } catch (error) {
      this.toasts.error(toFailure(error));
      return undefined;
    }
  }

  /** Opens the Log in… dialog for the registry of a name; `then` is called once someone is logged in. */
  loginFor(name: string, then: () => void): void {
    const colon = name.lastIndexOf(':');
    const repository = name.replace(/@.*$/, '').slice(0, colon > name.lastIndexOf('/') ? colon : undefined);
    this.registries.askLogin(remoteName(repository).registry, then);
  }

  /** Opens the Push… dialog for the chosen image. */
  async startPush(): Promise<void> {
    const row = this.images.selected;
    if (row === undefined) return;
    if (this.registries.rows === undefined) await this.registries.refresh();
    this.push.open(row, this.registries.rows ?? []);
  }

  /** Saves the chosen image where the person says. */
  async saveArchive(format: ArchiveFormat): Promise<void> {
    const row = this.images.selected;
    if (row === undefined) return;
    const name = (row.name ?? row.digest.slice(7, 19)).replace(/[/:@]+/g, '-');
    try {
      const path = await this.desktop.chooseSaveFile(`${name}.tar`);
      if (path !== undefined) await this.images.save(row, path, format);
    } catch (error) {
      this.toasts.error(toFailure(error));
    }
  }

  /** Shows a recorded build. */
  showBuild(id: string): void {
    this.screen = 'builds';
    this.builds.select(id);
  }

  async exportBuild(): Promise<void> {
    const { selected } = this.builds;
    if (selected === undefined) return;
    const name = selected.name.replace(/[^\w.-]+/g, '-');
    try {
      const path = await this.desktop.chooseSaveFile(`${name}.varvebuild`);
      if (path !== undefined) await this.builds.export(selected.id, path);
    } catch (error) {
      this.toasts.error(toFailure(error));
    }
  }

  async openBuildFile(): Promise<void> {
    try {
      const path = await this.desktop.chooseBuildFile();
      if (path !== undefined) await this.builds.open(path);
    } catch (error) {
      this.toasts.error(toFailure(error));
    }
  }

  /** Builds the chosen build again with the same inputs; asks which Dockerfile is meant when it has changed since. */
  async rebuild(): Promise<void> {
    const record = this.builds.detail?.record;
    if (record === undefined) return;
    const { context } = record.request;
    const file = record.dockerfile?.file ?? 'Dockerfile';
    try {
      const { text } = await this.#engine.api.contexts.readDockerfile({ path: context, dockerfile: file });
      const isSame = record.dockerfile === undefined || text === record.dockerfile.text;
      // Not what the editor may hold beside what is saved.
      if (isSame) await this.rebuildAs(record, 'recorded');
      else this.rebuilding = record;
    } catch (error) {
      if (isEngineError(error, 'NOT_FOUND')) await this.rebuildAs(record, 'recorded');
      else this.toasts.error(toFailure(error));
    }
  }

  async rebuildAs(record: BuildRecord, which: 'recorded' | 'now'): Promise<void> {
    this.rebuilding = undefined;
    if (await this.#openRecorded(record, which)) await this.build.rebuild(record);
  }

  cancelRebuild(): void {
    this.rebuilding = undefined;
  }

  /** Opens the Dockerfile that a build was made from, at a place in it. False where its folder is gone. */
  async editRecorded(record: BuildRecord, location: SourceLocation | undefined): Promise<boolean> {
    if (!(await this.#openRecorded(record, 'now'))) return false;
    await tick();
    if (location !== undefined) this.build.editor?.select(location);
    return true;
  }

  /** Where the folder cannot be opened the person stays where the record is, and is told. */
  async #openRecorded(record: BuildRecord, which: 'recorded' | 'now'): Promise<boolean> {
    const isOpen = await this.build.openRecorded(record, which);
    const failure = this.build.openFailure;
    if (isOpen) this.screen = 'build';
    else if (failure !== undefined) {
      this.build.openFailure = undefined;
      const hint = 'The build was made from that folder. Its Dockerfile and its log are kept here.';
      this.toasts.error({ message: failure.message, hint });
    }
    return isOpen;
  }

  async revertMove(event: TagEvent): Promise<void> {
    await this.moves.revert(event);
    await this.images.refresh();
  }

  /** Starts a build from wherever the person is. */
  startBuild(): void {
    this.screen = 'build';
    void this.build.build();
  }

  /** A command from the menu, a shortcut or the palette. Unknown ones do nothing. */
  async command(command: string): Promise<void> {
    const folder = /^open-folder:(.+)$/s.exec(command)?.[1];
    if (folder !== undefined) return this.openFolder(folder);
    const build = /^show-build:(\w+)$/.exec(command)?.[1];
    if (build !== undefined) return this.showBuild(build);
    if (isEditorCommand(command)) return this.#inEditor(command);
    const screen = /^screen-(\d)$/.exec(command);
    if (screen !== null) return this.#showNumber(Number(screen[1]));
    switch (command) {
      case 'build':
        return this.startBuild();
      case 'prove':
        this.screen = 'build';
        return this.build.prove();
      case 'cancel':
        return this.build.cancel();
      case 'save':
        return this.build.save();
      case 'open-folder':
        return this.chooseFolder();
      case 'load-archive':
        return this.loadArchive();
      case 'pull':
        return this.pull.open();
      case 'push':
        this.screen = 'images';
        return this.startPush();
      case 'undo':
        return this.moves.undoLast();
      case 'problems':
      case 'outline':
        return this.#showAside(command);
      case 'palette':
        this.paletteOpen = true;
        return;
      case 'settings':
        return this.show('settings');
      case 'cache':
        this.settings.part = 'cache';
        return this.show('settings');
    }
  }

  async openLink(url: string): Promise<void> {
    try {
      await this.desktop.openExternal(url);
    } catch (error) {
      this.toasts.error(toFailure(error));
    }
  }

  /** Where notifications cannot be had there is nothing to tell with, and nothing to tell of that. */
  async #tellOf(run: BuildRun): Promise<void> {
    const news = this.settings.notify ? newsOf(run) : undefined;
    try {
      if (news !== undefined) await this.desktop.tellOfBuild(news);
    } catch (error) {
      this.toasts.error(toFailure(error));
    }
  }

  #tellOfPull(outcome: Pulled | Failure): void {
    void this.images.refresh();
    if (!('ref' in outcome)) {
      this.toasts.error(outcome);
      return;
    }
    const { ref, event, rateLimit } = outcome;
    const detail = [
      event?.from !== undefined && event.from !== event.to
        ? 'The tag pointed elsewhere before; that can be undone.'
        : '',
      rateLimit === undefined
        ? ''
        : `The registry allows ${rateLimit.remaining} of ${rateLimit.limit} pulls more.`,
    ].filter((part) => part !== '');
    this.toasts.done(`Pulled ${ref}`, {
      detail: detail.length === 0 ? undefined : detail.join(' '),
      action: { label: 'Show layers', run: () => this.showLayers(event?.name ?? outcome.digest) },
    });
  }

  #tellOfPush(outcome: Pushed | Failure, isSeen: boolean): void {
    if ('target' in outcome) this.registries.changedThere();
    if (isSeen) return;
    if ('target' in outcome) this.toasts.done(`Pushed ${outcome.target}`);
    else this.toasts.error(outcome);
  }

  /** A hidden editor cannot be given the focus: it has to be in sight first. */
  async #inEditor(command: EditorCommand): Promise<void> {
    this.screen = 'build';
    await tick();
    this.build.editor?.run(command);
  }

  #showAside(aside: AsideName): void {
    this.screen = 'build';
    this.build.showAside(aside);
  }

  #showNumber(number: number): void {
    const screen = SCREENS[number - 1];
    if (screen === 'layers') this.showLayersScreen();
    else if (screen !== undefined) this.show(screen);
  }
}
