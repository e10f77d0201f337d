import { isEngineError } from '../../src-main/contract/errors.ts';
import type { Diagnostic } from '../../src-main/contract/builds-api.ts';
import type { EngineApi } from '../../src-main/contract/engine-api.ts';
import { toFailure, type Failure } from './failure.ts';
import { Latest } from './latest.ts';

export interface Stage {
  readonly index: number;
  readonly name: string | undefined;
}

export interface BuildArgument {
  readonly name: string;
  readonly default: string | undefined;
}

const CHECK_AFTER_MS = 250;

/** The Dockerfile in the editor: its text, what is on disk, and what the engine thinks of it. */
export class DockerfileDocument {
  readonly context: string;
  readonly name: string;
  text = $state('');
  savedText = $state('');
  file = $state('Dockerfile');
  /** True when the file is not on disk yet. */
  isNew = $state(false);
  saving = $state(false);
  conflict = $state(false);
  failure = $state.raw<Failure>();
  diagnostics = $state.raw<readonly Diagnostic[]>([]);
  stages = $state.raw<readonly Stage[]>([]);
  buildArguments = $state.raw<readonly BuildArgument[]>([]);
  readonly edited: boolean = $derived(this.text !== this.savedText || this.isNew);
  readonly #engine: EngineApi;
  readonly #check = new Latest();
  #modifiedAt: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(engine: EngineApi, context: string, name: string) {
    this.#engine = engine;
    this.context = context;
    this.name = name;
  }

  /** Reads the file anew; edits since the last save are gone. Rejects when there is none. */
  async load(): Promise<void> {
    const read = await this.#engine.contexts.readDockerfile({ path: this.context, dockerfile: this.name });
    this.#modifiedAt = read.modifiedAt;
    this.file = read.file;
    this.savedText = read.text;
    this.isNew = false;
    this.conflict = false;
    this.failure = undefined;
    this.setText(read.text);
    await this.check();
  }

  /** Starts a file that is written at the first save. */
  start(text: string): void {
    this.isNew = true;
    this.setText(text);
  }

  setText(text: string): void {
    this.text = text;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.check(), CHECK_AFTER_MS);
  }

  /** Asks the engine at once; the newest answer wins. */
  async check(): Promise<void> {
    clearTimeout(this.#timer);
    const signal = this.#check.next();
    try {
      const params = { text: this.text, file: this.name, context: this.context };
      const found = await this.#engine.builds.check(params, { signal });
      if (signal.aborted) return;
      this.diagnostics = found.diagnostics;
      this.stages = found.stages.map(({ index, name }) => ({ index, name }));
      this.buildArguments = found.buildArgs.map((arg) => ({ name: arg.name, default: arg.default }));
    } catch (error) {
      if (!signal.aborted) this.failure = toFailure(error);
    }
  }

  /** Writes the file. When it changed on disk since it was read nothing is written and `conflict` is set. */
  async save({ overwrite = false }: { overwrite?: boolean } = {}): Promise<boolean> {
    const text = this.text;
    const expected = overwrite || this.#modifiedAt === undefined ? {} : { modifiedAt: this.#modifiedAt };
    this.saving = true;
    try {
      const params = { path: this.context, dockerfile: this.name, text, ...expected };
      const written = await this.#engine.contexts.writeDockerfile(params);
      this.#modifiedAt = written.modifiedAt;
      this.savedText = text;
      this.isNew = false;
      this.conflict = false;
      this.failure = undefined;
      return true;
    } catch (error) {
      this.conflict = isEngineError(error, 'CONFLICT');
      if (!this.conflict) this.failure = toFailure(error);
      return false;
    } finally {
      this.saving = false;
    }
  }

  /** Stops what is still under way. */
  close(): void {
    clearTimeout(this.#timer);
    this.#check.stop();
  }
}
