import type { EngineApi } from '../../src-main/contract/engine-api.ts';
import type { ImageRow } from '../../src-main/contract/images-api.ts';
import type { TransferProgress } from '../../src-main/contract/oci-types.ts';
import type { RegistryRow } from '../../src-main/contract/registries-api.ts';
import type { PushPreview } from '../../src-main/contract/remote-api.ts';
import { toFailure, type Failure } from './failure.ts';
import { keyOf } from './images-screen.svelte.ts';
import { Latest } from './latest.ts';
import { NameField } from './name-field.svelte.ts';

const LOOK_AFTER_MS = 400;

export type Pushed = Awaited<ReturnType<EngineApi['images']['push']>>;

/** The Push… dialog: what would be sent where, the push, and what came of it. */
export class PushDialog {
  /** The image that the dialog is open for. */
  image = $state.raw<ImageRow>();
  isOpen = $state(false);
  readonly target: NameField;
  preview = $state.raw<PushPreview>();
  isLooking = $state(false);
  isRunning = $state(false);
  progress = $state.raw<TransferProgress>();
  failure = $state.raw<Failure>();
  pushed = $state.raw<Pushed>();
  readonly #engine: EngineApi;
  readonly #told: (outcome: Pushed | Failure, isSeen: boolean) => void;
  readonly #look = new Latest();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #controller: AbortController | undefined;

  /** `told` hears how each push ended that was not cancelled, and whether the dialog shows it. */
  constructor(engine: EngineApi, told: (outcome: Pushed | Failure, isSeen: boolean) => void) {
    this.#engine = engine;
    this.#told = told;
    this.target = new NameField(engine);
  }

  open(image: ImageRow, registries: readonly RegistryRow[]): void {
    this.isOpen = true;
    if (this.isRunning) return;
    this.image = image;
    this.pushed = undefined;
    this.progress = undefined;
    this.setTarget(suggestTarget(image, registries));
  }

  close(): void {
    this.isOpen = false;
    this.target.stop();
    this.#stopLooking();
  }

  setTarget(text: string): void {
    this.target.set(text);
    this.failure = undefined;
    this.preview = undefined;
    this.#stopLooking();
    if (text.trim() === '') return;
    this.isLooking = true;
    this.#timer = setTimeout(() => void this.#see(), LOOK_AFTER_MS);
  }

  /** Looks again at what would be sent. */
  lookAgain(): void {
    this.setTarget(this.target.text);
  }

  async push(): Promise<void> {
    const { image } = this;
    const target = this.target.text.trim();
    if (image === undefined || target === '' || this.isRunning) return;
    const controller = new AbortController();
    const { signal } = controller;
    this.#controller = controller;
    this.#stopLooking();
    this.target.stop();
    this.isRunning = true;
    this.failure = undefined;
    this.progress = undefined;
    const onProgress = (progress: TransferProgress): void => void (this.progress = progress);
    try {
      this.pushed = await this.#engine.images.push({ ref: keyOf(image), target }, { signal, onProgress });
      this.#told(this.pushed, this.isOpen);
    } catch (error) {
      if (signal.aborted) return;
      this.failure = toFailure(error);
      this.#told(this.failure, this.isOpen);
    } finally {
      this.isRunning = false;
    }
  }

  cancel(): void {
    this.#controller?.abort();
  }

  async #see(): Promise<void> {
    const { image } = this;
    if (image === undefined) return;
    const signal = this.#look.next();
    try {
      const params = { ref: keyOf(image), target: this.target.text.trim() };
      const preview = await this.#engine.registries.pushPreview(params, { signal });
      if (!signal.aborted) this.preview = preview;
    } catch (error) {
      if (!signal.aborted) this.failure = toFailure(error);
    } finally {
      if (!signal.aborted) this.isLooking = false;
    }
  }

  #stopLooking(): void {
    clearTimeout(this.#timer);
    this.#look.stop();
    this.isLooking = false;
  }
}

/** Its own name where that says a registry; else the name at the registry that someone is logged in to. */
function suggestTarget({ name }: ImageRow, registries: readonly RegistryRow[]): string {
  if (name === undefined) return '';
  const first = name.split('/')[0] ?? '';
  if (name.includes('/') && (first === 'localhost' || /[.:]/.test(first))) return name;
  const home = registries.find(({ registry, login }) => login !== undefined && registry !== 'docker.io');
  return home === undefined ? name : `${home.registry}/${name}`;
}
