import type { z } from 'zod';
import type {
  dockerfilesApi,
  DockerfileSymbol,
  Hover,
  TextEdit,
  TextPosition,
} from '../../src-main/contract/dockerfiles-api.ts';
import type { EngineApi } from '../../src-main/contract/engine-api.ts';
import { isEngineError } from '../../src-main/contract/errors.ts';
import { Latest } from './latest.ts';

export type AskedText = z.input<typeof dockerfilesApi.structure.params>;
export type Completions = z.output<typeof dockerfilesApi.complete.result>;

/**
 * What the editor asks the engine while a person writes. Of each kind only the newest question is answered: one that
 * another has overtaken, and one that the engine cannot answer now, get `undefined`.
 */
export class DockerfileQuestions {
  readonly #engine: EngineApi;
  readonly #asked: () => AskedText;
  readonly #newest = {
    complete: new Latest(),
    hover: new Latest(),
    mentions: new Latest(),
    definition: new Latest(),
    format: new Latest(),
  };

  constructor(engine: EngineApi, asked: () => AskedText) {
    this.#engine = engine;
    this.#asked = asked;
  }

  complete(position: TextPosition): Promise<Completions | undefined> {
    return answered(this.#newest.complete.next(), (signal) =>
      this.#engine.dockerfiles.complete({ ...this.#asked(), position }, { signal }),
    );
  }

  stopCompleting(): void {
    this.#newest.complete.stop();
  }

  hover(position: TextPosition): Promise<Hover | null | undefined> {
    return answered(this.#newest.hover.next(), (signal) =>
      this.#engine.dockerfiles.hover({ ...this.#asked(), position }, { signal }),
    );
  }

  /** The stage or variable at a place; asking for one purpose does not overtake asking for the other. */
  symbol(
    position: TextPosition,
    purpose: 'mentions' | 'definition',
  ): Promise<DockerfileSymbol | null | undefined> {
    return answered(this.#newest[purpose].next(), (signal) =>
      this.#engine.dockerfiles.symbol({ ...this.#asked(), position }, { signal }),
    );
  }

  async format(): Promise<readonly TextEdit[] | undefined> {
    const answer = await answered(this.#newest.format.next(), (signal) =>
      this.#engine.dockerfiles.format(this.#asked(), { signal }),
    );
    return answer?.edits;
  }

  /** Rejects with the reason when the name cannot be. */
  async rename(position: TextPosition, name: string): Promise<readonly TextEdit[]> {
    return (await this.#engine.dockerfiles.rename({ ...this.#asked(), position, name })).edits;
  }

  close(): void {
    Object.values(this.#newest).forEach((kind) => kind.stop());
  }
}

async function answered<Answer>(
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer | undefined> {
  try {
    const answer = await ask(signal);
    return signal.aborted ? undefined : answer;
  } catch (error) {
    if (signal.aborted || isEngineError(error)) return undefined;
    throw error;
  }
}
