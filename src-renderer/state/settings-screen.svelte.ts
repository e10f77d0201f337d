import type { EngineApi } from '../../src-main/contract/engine-api.ts';
import type { TransferProgress } from '../../src-main/contract/oci-types.ts';
import type { PruneResult, VerifyResult } from '../../src-main/contract/store-api.ts';
import { toFailure, type Failure } from './failure.ts';
import { keep, recall } from './kept-values.ts';

export type Theme = 'system' | 'light' | 'dark';

export type SettingsPart = 'general' | 'cache';

const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

/** The Settings screen: the window's look, and the care of the store. */
export class SettingsScreen {
  theme = $state<Theme>(THEMES.find((theme) => theme === recall('theme')) ?? 'system');
  /** Which part of the screen is shown. */
  part = $state<SettingsPart>('general');
  /** Whether a notification tells of a long build that ended while the person was elsewhere. */
  notify = $state(recall('notify') !== 'no');
  /** What a prune would free; undefined until asked. */
  prunable = $state.raw<PruneResult>();
  pruned = $state.raw<PruneResult>();
  verified = $state.raw<VerifyResult>();
  busy = $state<'counting' | 'pruning' | 'verifying'>();
  progress = $state.raw<TransferProgress>();
  failure = $state.raw<Failure>();
  readonly #engine: EngineApi;
  #controller: AbortController | undefined;

  constructor(engine: EngineApi) {
    this.#engine = engine;
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    keep('theme', theme);
  }

  setNotify(notify: boolean): void {
    this.notify = notify;
    keep('notify', notify ? 'yes' : 'no');
  }

  /** Counts what a prune would free; frees nothing. */
  async countPrunable(): Promise<void> {
    await this.#while('counting', async (signal) => {
      this.pruned = undefined;
      this.prunable = await this.#engine.store.prune({ dryRun: true }, { signal });
    });
  }

  async prune(): Promise<void> {
    await this.#while('pruning', async (signal) => {
      const onProgress = (progress: TransferProgress): void => void (this.progress = progress);
      this.pruned = await this.#engine.store.prune({}, { signal, onProgress });
      this.prunable = undefined;
    });
  }

  async verify(): Promise<void> {
    await this.#while('verifying', async (signal) => {
      this.verified = undefined;
      const onProgress = (progress: TransferProgress): void => void (this.progress = progress);
      this.verified = await this.#engine.store.verify({}, { signal, onProgress });
    });
  }

  stop(): void {
    this.#controller?.abort();
  }

  async #while(
    what: NonNullable<typeof this.busy>,
    run: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const controller = new AbortController();
    this.#controller = controller;
    this.busy = what;
    this.failure = undefined;
    try {
      await run(controller.signal);
    } catch (error) {
      if (!controller.signal.aborted) this.failure = toFailure(error);
    } finally {
      this.busy = undefined;
      this.progress = undefined;
    }
  }
}
