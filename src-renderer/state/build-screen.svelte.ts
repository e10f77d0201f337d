import { isEngineError, type Fix } from '../../src-main/contract/errors.ts';
import type { BuildRequestInput, ContextSummary } from '../../src-main/contract/builds-api.ts';
import type { BuildRecord } from '../../src-main/contract/build-records-api.ts';
import type { EngineApi } from '../../src-main/contract/engine-api.ts';
import { BuildForecast, type ForecastQuestion } from './build-forecast.svelte.ts';
import { BuildRun } from './build-run.svelte.ts';
import { DockerfileDocument, type BuildChoices } from './dockerfile-document.svelte.ts';
import type { EditorPort } from './editor-port.ts';
import { toFailure, type Failure } from './failure.ts';
import { keep, recall } from './kept-values.ts';
import { Latest } from './latest.ts';
import { ProveRun } from './prove-run.svelte.ts';
import { ShellSession } from './shell-session.svelte.ts';
import { suggestTag } from './suggest-tag.ts';

export interface RecentFolder {
  readonly path: string;
  readonly name: string;
}

export interface Sample {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly needsNetwork: boolean;
}

const DEFAULT_NAME = 'Dockerfile';
const STARTER = 'FROM scratch\nCOPY . /\n';

/** A project folder that is open: where it is, its Dockerfile, and what a build would see of it. */
export interface Project {
  readonly path: string;
  readonly name: string;
}

export type AsideName = 'context' | 'problems' | 'outline';

/** The Build screen: one open folder, its Dockerfile, what is asked of the build, and the build itself. */
export class BuildScreen {
  project = $state.raw<Project>();
  document = $state.raw<DockerfileDocument>();
  /** No Dockerfile in the folder: the editor offers to start one. */
  missingDockerfile = $state(false);
  summary = $state.raw<ContextSummary>();
  /** Entries walked so far while the context is being counted. */
  counting = $state<number>();
  opening = $state<string>();
  openFailure = $state.raw<Failure>();
  contextFailure = $state.raw<Failure>();
  recent = $state.raw<readonly RecentFolder[]>([]);
  samples = $state.raw<readonly Sample[]>([]);
  tag = $state('');
  target = $state('');
  pull = $state(false);
  noCache = $state(false);
  reproducible = $state(false);
  arguments = $state<Record<string, string>>({});
  run = $state.raw<BuildRun>();
  /** The build that is being proved, until its result is put away. */
  proof = $state.raw<ProveRun>();
  /** A shell in what a failed build left. */
  shell = $state.raw<ShellSession>();
  /** What is shown below the editor. */
  aside = $state<AsideName>('context');
  /** How often it was asked to have the focus. */
  asideCalls = $state(0);
  /** The editor in the page, once it is there. */
  editor = $state.raw<EditorPort>();
  readonly isRunning: boolean = $derived(this.run?.isRunning ?? false);
  readonly canBuild: boolean = $derived(this.document !== undefined && !this.isRunning);
  readonly forecast: BuildForecast;
  readonly #engine: EngineApi;
  readonly #onEnd: (run: BuildRun) => void;
  readonly #walk = new Latest();
  /** Texts that were edited and not saved, by file. */
  readonly #drafts = new Map<string, string>();

  /** `onEnd` is told of every build of this screen that has ended. */
  constructor(engine: EngineApi, onEnd: (run: BuildRun) => void = () => undefined) {
    this.#engine = engine;
    this.forecast = new BuildForecast(engine, () => this.#forecastQuestion());
    this.#onEnd = onEnd;
  }

  /** Opens a shell in an image, in place of one that is open. */
  openShell(image: string): void {
    this.shell = new ShellSession(this.#engine, image);
  }

  closeShell(): void {
    this.shell = undefined;
  }

  /** What the empty screen offers. */
  async loadStart(): Promise<void> {
    try {
      const [recent, samples] = await Promise.all([
        this.#engine.contexts.recent({}),
        this.#engine.contexts.samples({}),
      ]);
      this.recent = recent;
      this.samples = samples;
    } catch (error) {
      this.openFailure = toFailure(error);
    }
  }

  /** Opens a folder; when that fails what was open stays as it is and `openFailure` says why. */
  async open(path: string): Promise<boolean> {
    this.opening = path;
    this.openFailure = undefined;
    const signal = this.#walk.next();
    try {
      const walked = this.#engine.contexts.inspect(
        { path },
        { signal, onProgress: ({ entries }) => (this.counting = entries) },
      );
      const summary = await walked;
      const document = await this.#openDocument(summary);
      if (signal.aborted) return false;
      this.#take(summary, document);
      void this.#remember(path);
      return true;
    } catch (error) {
      if (!signal.aborted) this.openFailure = toFailure(error);
      return false;
    } finally {
      if (this.opening === path) this.opening = undefined;
      this.counting = undefined;
    }
  }

  async openSample(id: string): Promise<void> {
    try {
      const { path } = await this.#engine.contexts.openSample({ id });
      await this.open(path);
    } catch (error) {
      this.openFailure = toFailure(error);
    }
  }

  /** Puts another Dockerfile of the folder into the editor. */
  async chooseDockerfile(name: string): Promise<void> {
    if (this.project === undefined) return;
    const document = this.#newDocument(this.project.path, name);
    try {
      await document.load();
      this.#leaveDocument();
      this.#resume(document);
      this.document = document;
      this.setTarget('');
    } catch (error) {
      this.openFailure = toFailure(error);
    }
  }

  startDockerfile(name = DEFAULT_NAME, text = STARTER): void {
    if (this.project === undefined) return;
    const document = this.#newDocument(this.project.path, name);
    document.start(text);
    this.#leaveDocument();
    this.document = document;
    this.openFailure = undefined;
    this.missingDockerfile = false;
  }

  /** Walks the folder again. */
  async recount(): Promise<void> {
    if (this.project === undefined) return;
    const signal = this.#walk.next();
    this.contextFailure = undefined;
    this.counting = 0;
    try {
      this.summary = await this.#engine.contexts.inspect(
        { path: this.project.path },
        { signal, onProgress: ({ entries }) => (this.counting = entries) },
      );
    } catch (error) {
      if (!signal.aborted) this.contextFailure = toFailure(error);
    } finally {
      if (!signal.aborted) this.counting = undefined;
    }
  }

  async save(options: { overwrite?: boolean } = {}): Promise<void> {
    const saved = await this.document?.save(options);
    if (saved === true) void this.recount();
  }

  /** Follows what other programs write into the folder, until another one is followed. */
  followFiles(path: string): Promise<void> {
    return this.forecast.follow(path, () => void this.document?.follow());
  }

  /** Looks at the folder again, where it may have changed unseen. */
  lookAgain(): void {
    void this.document?.follow();
    this.forecast.refreshSoon();
  }

  /** Builds what the editor shows, saved or not. Answers when the build has ended. */
  async build(): Promise<void> {
    await this.document?.follow();
    const request = this.#request();
    if (request !== undefined && this.canBuild) await this.#build(request);
  }

  /** Builds what the editor shows twice, and shows whether both are the same. */
  prove(): void {
    const request = this.#request();
    if (request === undefined || !this.canBuild || this.proof !== undefined) return;
    this.proof = new ProveRun(this.#engine, request);
  }

  /**
   * Opens what a recorded build was made from, with its options. The Dockerfile is the recorded one where that is asked
   * for or where there is none any more; it is not saved. False when the folder cannot be opened.
   */
  async openRecorded(record: BuildRecord, which: 'recorded' | 'now'): Promise<boolean> {
    const { request, dockerfile } = record;
    if (this.project?.path !== request.context && !(await this.open(request.context))) return false;
    if (dockerfile !== undefined) await this.#openRecordedFile(dockerfile, which);
    this.tag = request.tags.join(' ');
    this.pull = request.pull;
    this.noCache = request.noCache;
    this.reproducible = request.reproducible;
    this.arguments = request.buildArgs;
    this.setTarget(request.target ?? '');
    return true;
  }

  /** Once it is opened: builds with all that a recorded build was asked for, also what this screen has no field for. */
  async rebuild(record: BuildRecord): Promise<void> {
    if (!this.canBuild) return;
    const { document } = this;
    await this.#build({
      ...record.request,
      outputs: [],
      cacheTo: [],
      ...(document === undefined ? {} : { dockerfile: document.file }),
      ...(document?.edited === true ? { dockerfileText: document.fileText } : {}),
    });
  }

  async #openRecordedFile(
    { file, text }: NonNullable<BuildRecord['dockerfile']>,
    which: 'recorded' | 'now',
  ): Promise<void> {
    // What is on disk may be newer than what was opened; edits that are not saved stay.
    if (this.document?.name !== file) await this.chooseDockerfile(file);
    else await this.document.follow();
    const recorded = text.replaceAll('\r\n', '\n');
    if (this.document?.name !== file) this.startDockerfile(file, recorded);
    else if (which === 'recorded') this.document.setText(recorded);
    await this.document?.check();
  }

  async #build(request: BuildRequestInput): Promise<void> {
    if (this.project !== undefined) keep(`tag:${this.project.path}`, this.tag);
    const { document } = this;
    const built = document?.text ?? '';
    const run = new BuildRun();
    this.run = run;
    document?.showBuildFailure(undefined, built);
    await run.start(this.#engine, request);
    document?.showBuildFailure(run.failure, built);
    this.#onEnd(run);
  }

  cancel(): void {
    this.run?.cancel();
  }

  /** Takes the editor that the page shows; the returned function lets go of it. */
  attachEditor(editor: EditorPort): () => void {
    this.editor = editor;
    return () => {
      if (this.editor === editor) this.editor = undefined;
    };
  }

  /** Shows something below the editor and takes the person there. */
  showAside(aside: AsideName): void {
    this.aside = aside;
    this.asideCalls += 1;
  }

  /** Brings a line, from 1, into sight. */
  showLine(line: number): void {
    const file = this.document?.name ?? DEFAULT_NAME;
    this.editor?.select({ file, line, column: 1, endLine: line, endColumn: 1 });
  }

  /** Shows where the build failed: where edits have moved that place to, while it is still there. */
  showFailure(): void {
    const failure = this.run?.failure;
    if (failure?.location === undefined) return;
    const problem = this.document?.problems.find(({ message }) => message === failure.message);
    this.editor?.explain(problem?.location ?? failure.location);
  }

  /** Applies a problem's fix in the editor, where undo takes it back. */
  applyFix(fix: Fix): void {
    this.editor?.change(this.document?.editsOf(fix) ?? [], 'fix');
  }

  setArgument(name: string, value: string): void {
    this.arguments = { ...this.arguments, [name]: value };
    this.document?.checkSoon();
  }

  setTarget(target: string): void {
    this.target = target;
    this.document?.checkSoon();
    void this.document?.structure.refresh();
  }

  #request(): BuildRequestInput | undefined {
    const { project, document } = this;
    if (project === undefined || document === undefined) return undefined;
    return {
      context: project.path,
      dockerfile: document.file,
      ...(document.edited ? { dockerfileText: document.fileText } : {}),
      tags: this.tag.split(/[\s,]+/).filter((name) => name !== ''),
      ...this.#choices(),
      pull: this.pull,
      noCache: this.noCache,
      reproducible: this.reproducible,
    };
  }

  #forecastQuestion(): ForecastQuestion | undefined {
    const request = this.#request();
    const { document } = this;
    if (request === undefined || document === undefined || this.isRunning) return undefined;
    return { request: { ...request, dockerfileText: document.fileText }, text: document.text };
  }

  /** What the engine is told of the build, in questions and in the build itself. */
  #choices(): BuildChoices {
    const declared = new Set(this.document?.buildArguments.map((argument) => argument.name));
    const given = Object.entries(this.arguments).filter(
      ([name, value]) => declared.has(name) && value !== '',
    );
    return {
      ...(this.target === '' ? {} : { target: this.target }),
      buildArgs: Object.fromEntries(given),
    };
  }

  #newDocument(folder: string, name: string): DockerfileDocument {
    const document: DockerfileDocument = new DockerfileDocument(this.#engine, folder, name, () =>
      document === this.document ? this.#choices() : {},
    );
    return document;
  }

  async #openDocument(summary: ContextSummary): Promise<DockerfileDocument | undefined> {
    const name = summary.dockerfiles[0];
    if (name === undefined) return undefined;
    const document = this.#newDocument(summary.path, name);
    await document.load();
    return document;
  }

  /** Edits that are not saved are kept for when the file is opened again in this window. */
  #leaveDocument(): void {
    const { document } = this;
    if (document === undefined) return;
    if (document.edited) this.#drafts.set(draftKey(document), document.text);
    else this.#drafts.delete(draftKey(document));
    document.close();
  }

  #resume(document: DockerfileDocument): void {
    const draft = this.#drafts.get(draftKey(document));
    if (draft !== undefined) document.setText(draft);
  }

  #take(summary: ContextSummary, document: DockerfileDocument | undefined): void {
    this.#leaveDocument();
    if (document !== undefined) this.#resume(document);
    this.project = { path: summary.path, name: summary.name };
    this.summary = summary;
    this.document = document;
    this.missingDockerfile = document === undefined;
    this.contextFailure = undefined;
    this.tag = recall(`tag:${summary.path}`) ?? suggestTag(summary.name);
    this.target = '';
    this.arguments = {};
    if (!this.isRunning) this.run = undefined;
  }

  /** Failing to note a folder takes nothing from the person who opened it. */
  async #remember(path: string): Promise<void> {
    try {
      await this.#engine.contexts.remember({ path });
      this.recent = await this.#engine.contexts.recent({});
    } catch (error) {
      if (!isEngineError(error)) throw error;
    }
  }
}

function draftKey({ context, name }: DockerfileDocument): string {
  return `${context}\n${name}`;
}
