import type { EngineApi } from '../contract/engine-api.ts';
import type { Output } from './output.ts';

/** What a verb works with: the process around it, and the engine when it asks for one. */
export interface Cli {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stdin: NodeJS.ReadStream;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Fires at Ctrl+C, at SIGTERM, and when the reader of standard output goes away. */
  readonly signal: AbortSignal;
  /** Opens the engine on the data folder for as long as `use` runs. */
  withEngine<T>(use: (api: EngineApi) => Promise<T>): Promise<T>;
  /** Runs `use` with a new empty folder in the data folder that is gone afterwards, however `use` ends. */
  withWorkFolder<T>(use: (folder: string) => Promise<T>): Promise<T>;
  /** Sets the exit status of a verb that ends without an error and yet not well. */
  exitWith(status: number): void;
}

/** Exit statuses: well, failed, called wrongly; and of `verify`, that it could not finish its work. */
export const EXIT = {
  failed: 1,
  usage: 2,
  notVerified: 3,
  interrupted: 130,
  terminated: 143,
  brokenPipe: 141,
};
