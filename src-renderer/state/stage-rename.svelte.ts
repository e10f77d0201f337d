import type { DockerfileSymbol, TextEdit } from '../../src-main/contract/dockerfiles-api.ts';
import type { DockerfileQuestions } from './dockerfile-questions.ts';
import { toFailure } from './failure.ts';

/** A stage that is being given another name. */
export class StageRename {
  readonly symbol: DockerfileSymbol;
  name = $state('');
  /** Why the engine refused the name. */
  refused = $state<string>();
  readonly #questions: DockerfileQuestions;

  constructor(questions: DockerfileQuestions, symbol: DockerfileSymbol) {
    this.#questions = questions;
    this.symbol = symbol;
    this.name = symbol.name;
  }

  setName(name: string): void {
    this.name = name;
    this.refused = undefined;
  }

  /** The edits that rename the stage: none when the name stays, undefined when it was refused. */
  async submit(): Promise<readonly TextEdit[] | undefined> {
    const name = this.name.trim();
    if (name === this.symbol.name) return [];
    const { line, column } = this.symbol.location;
    try {
      return await this.#questions.rename({ line, column }, name);
    } catch (error) {
      this.refused = toFailure(error).message;
      return undefined;
    }
  }
}
