import type { EngineApi } from '../../src-main/contract/engine-api.ts';
import { Latest } from './latest.ts';
import { remoteQuestion, type RemoteQuestion } from './suggest-names.ts';

const ASK_AFTER_MS = 250;
const MOST_NAMES = 1000;

/** An image's name that is being typed, and what its registry says may follow. */
export class NameField {
  text = $state('');
  /** Answers to the question that the text asks now. */
  remote = $state.raw<readonly string[]>([]);
  readonly #engine: EngineApi;
  readonly #latest = new Latest();
  readonly #answers = new Map<string, readonly string[]>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(engine: EngineApi) {
    this.#engine = engine;
  }

  /** Takes the text in. The registry is asked when nothing was typed for a moment; what it said before is at hand. */
  set(text: string): void {
    this.text = text;
    clearTimeout(this.#timer);
    this.#latest.stop();
    const question = remoteQuestion(text);
    const known = question === undefined ? [] : this.#answers.get(keyOf(question));
    this.remote = known ?? [];
    if (question === undefined || known !== undefined) return;
    this.#timer = setTimeout(() => void this.#ask(question), ASK_AFTER_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#latest.stop();
  }

  /** A registry that does not answer, or lists nothing, only has nothing to suggest. */
  async #ask(question: RemoteQuestion): Promise<void> {
    const signal = this.#latest.next();
    const names = await this.#read(question, signal).catch(() => []);
    if (signal.aborted) return;
    this.#answers.set(keyOf(question), names);
    this.remote = names;
  }

  async #read(question: RemoteQuestion, signal: AbortSignal): Promise<readonly string[]> {
    const { registries } = this.#engine;
    if (question.kind === 'tags') {
      const { repository } = question;
      return (await registries.tags({ repository, limit: MOST_NAMES }, { signal })).tags;
    }
    const { registry } = question;
    return (await registries.repositories({ registry, limit: MOST_NAMES }, { signal })).names;
  }
}

function keyOf(question: RemoteQuestion): string {
  return question.kind === 'tags' ? `tags ${question.repository}` : `repositories ${question.registry}`;
}
