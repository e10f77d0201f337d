import { isEngineError } from '../../src-main/contract/errors.ts';
import type { EngineApi } from '../../src-main/contract/engine-api.ts';
import { toFailure, type Failure } from './failure.ts';

/** What shows a terminal. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
  write(text: string): void;
}

/** A shell in an image, from its start to its end. */
export class ShellSession {
  readonly image: string;
  status = $state<'waiting' | 'running' | 'ended'>('waiting');
  exitCode = $state.raw<number>();
  failure = $state.raw<Failure>();
  readonly #engine: EngineApi;
  readonly #id = crypto.randomUUID();
  readonly #controller = new AbortController();

  constructor(engine: EngineApi, image: string) {
    this.#engine = engine;
    this.image = image;
  }

  /** Never rejects: how it ended is in `exitCode` and `failure`. */
  async start(screen: Screen): Promise<void> {
    this.status = 'running';
    const { columns, rows } = screen;
    try {
      const { exitCode } = await this.#engine.terminals.open(
        { id: this.#id, image: this.image, columns, rows },
        { signal: this.#controller.signal, onProgress: ({ text }) => screen.write(text) },
      );
      this.exitCode = exitCode;
    } catch (error) {
      if (!isEngineError(error, 'CANCELLED')) this.failure = toFailure(error);
    }
    this.status = 'ended';
  }

  type(text: string): void {
    if (this.status === 'running') this.#tell(this.#engine.terminals.input({ id: this.#id, text }));
  }

  resize(columns: number, rows: number): void {
    if (this.status === 'running') this.#tell(this.#engine.terminals.resize({ id: this.#id, columns, rows }));
  }

  /** Ends every process in it. */
  close(): void {
    this.#controller.abort();
  }

  /** The shell may end while the person still types; any other failure ends it, and is told there. */
  #tell(call: Promise<unknown>): void {
    call.catch(() => undefined);
  }
}
