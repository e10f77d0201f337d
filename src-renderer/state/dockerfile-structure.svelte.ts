import type { z } from 'zod';
import type { dockerfilesApi } from '../../src-main/contract/dockerfiles-api.ts';
import type { EngineApi } from '../../src-main/contract/engine-api.ts';
import { isEngineError } from '../../src-main/contract/errors.ts';
import type { AskedText } from './dockerfile-questions.ts';

type Answer = z.output<typeof dockerfilesApi.structure.result>;

const NOTHING = { text: '', outline: [], folds: [], tokens: [] };

/**
 * A Dockerfile's outline, folds and colours, each time for the newest text. One question is under way at a time: were
 * each one dropped for the next, a fast typist would see no colours at all.
 */
export class DockerfileStructure {
  /** The last answer, with the text that it is about. */
  latest = $state.raw<Answer & { readonly text: string }>(NOTHING);
  readonly #engine: EngineApi;
  readonly #asked: () => AskedText;
  #refreshing: Promise<void> | undefined;
  #closed = false;

  constructor(engine: EngineApi, asked: () => AskedText) {
    this.#engine = engine;
    this.#asked = asked;
  }

  /** Resolves when the structure of the text as it is then is known, or cannot be had. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#catchUp().finally(() => (this.#refreshing = undefined));
    return this.#refreshing;
  }

  close(): void {
    this.#closed = true;
  }

  async #catchUp(): Promise<void> {
    for (let known: AskedText | undefined; !this.#closed && !isSame(known, this.#asked());) {
      known = this.#asked();
      try {
        const answer = await this.#engine.dockerfiles.structure(known);
        if (!this.#closed) this.latest = { ...answer, text: known.text };
      } catch (error) {
        if (!isEngineError(error)) throw error;
      }
    }
  }
}

/** The target decides which stages are needed; nothing else beside the text changes the structure. */
function isSame(a: AskedText | undefined, b: AskedText): boolean {
  return a?.text === b.text && a.target === b.target;
}
