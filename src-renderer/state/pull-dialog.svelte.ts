import type { EngineApi } from '../../src-main/contract/engine-api.ts';
import type { TagEvent } from '../../src-main/contract/images-api.ts';
import type { Platform, RateLimit, TransferProgress } from '../../src-main/contract/oci-types.ts';
import type { TagDetail } from '../../src-main/contract/remote-api.ts';
import { toFailure, type Failure } from './failure.ts';
import { Latest } from './latest.ts';
import { NameField } from './name-field.svelte.ts';
import { platformName } from './platform-name.ts';

const LOOK_AFTER_MS = 500;

export interface Pulled {
  readonly ref: string;
  readonly digest: string;
  readonly event: TagEvent | undefined;
  /** How much more the registry lets us pull, where it says so. */
  readonly rateLimit: RateLimit | undefined;
}

/** The Pull… dialog. A pull goes on when the dialog is closed, and is shown when it is opened again. */
export class PullDialog {
  isOpen = $state(false);
  readonly name: NameField;
  /** What the name stands for at its registry, when that could be seen. */
  found = $state.raw<TagDetail>();
  /** Name of the chosen platform; '' is this machine's. */
  platform = $state('');
  allPlatforms = $state(false);
  isRunning = $state(false);
  progress = $state.raw<TransferProgress>();
  failure = $state.raw<Failure>();
  readonly #engine: EngineApi;
  readonly #told: (outcome: Pulled | Failure) => void;
  readonly #look = new Latest();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #controller: AbortController | undefined;

  /** `told` hears how each pull ended that was not cancelled, also when nobody looks any more. */
  constructor(engine: EngineApi, told: (outcome: Pulled | Failure) => void) {
    this.#engine = engine;
    this.#told = told;
    this.name = new NameField(engine);
  }

  /** Opens with a name, or with what was typed last; a pull that runs is shown instead. */
  open(ref?: string): void {
    this.isOpen = true;
    if (this.isRunning) return;
    this.failure = undefined;
    this.progress = undefined;
    if (ref !== undefined) this.setName(ref);
  }

  close(): void {
    this.isOpen = false;
    this.name.stop();
    this.#stopLooking();
  }

  setName(text: string): void {
    this.name.set(text);
    this.failure = undefined;
    this.found = undefined;
    this.platform = '';
    this.#stopLooking();
    if (text.trim() !== '' && !/[/:@]$/.test(text.trim())) {
      this.#timer = setTimeout(() => void this.#see(text.trim()), LOOK_AFTER_MS);
    }
  }

  async pull(): Promise<void> {
    const ref = this.name.text.trim();
    if (ref === '' || this.isRunning) return;
    const controller = new AbortController();
    const { signal } = controller;
    this.#controller = controller;
    this.#stopLooking();
    this.name.stop();
    this.isRunning = true;
    this.failure = undefined;
    this.progress = undefined;
    const onProgress = (progress: TransferProgress): void => void (this.progress = progress);
    try {
      const pulled = await this.#engine.images.pull({ ref, ...this.#choice() }, { signal, onProgress });
      this.isOpen = false;
      const { digest, event, rateLimit } = pulled;
      this.#told({ ref, digest, event, rateLimit });
    } catch (error) {
      if (signal.aborted) return;
      this.failure = toFailure(error);
      if (!this.isOpen) this.#told(this.failure);
    } finally {
      this.isRunning = false;
    }
  }

  cancel(): void {
    this.#controller?.abort();
  }

  #choice(): { readonly platform?: Platform; readonly allPlatforms?: boolean } {
    if (this.allPlatforms) return { allPlatforms: true };
    const platform = this.found?.platforms.find((candidate) => platformName(candidate) === this.platform);
    return platform === undefined ? {} : { platform };
  }

  /** Only a help for choosing: what cannot be seen is told by the pull. */
  async #see(ref: string): Promise<void> {
    const signal = this.#look.next();
    const found = await this.#engine.registries.tagDetail({ ref }, { signal }).catch(() => undefined);
    if (!signal.aborted) this.found = found;
  }

  #stopLooking(): void {
    clearTimeout(this.#timer);
    this.#look.stop();
  }
}
