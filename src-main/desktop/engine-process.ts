import { MessageChannelMain, utilityProcess } from 'electron';
import type { MessagePortMain, UtilityProcess } from 'electron';
import { electronPort } from '../rpc/electron-port.ts';
import { serveKeychain } from './serve-keychain.ts';

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 10_000;
/** An engine that lived this long was well: the next restart comes quickly again. */
const HEALTHY_AFTER_MS = 60_000;
const END_WITHIN_MS = 5000;

/** Keeps one engine process running until `end`, lent the keychain; restarts it with growing delays when it dies. */
export class EngineProcess {
  readonly #path: string;
  readonly #onStart: () => void;
  #child: UtilityProcess;
  #startedAt = 0;
  #delayMs = FIRST_DELAY_MS;
  #ending = false;

  /** `onStart` is called whenever a new process was started: ports to the one before are closed. */
  constructor(path: string, onStart: () => void) {
    this.#path = path;
    this.#onStart = onStart;
    this.#child = this.#start();
  }

  /** A new port to the engine. */
  openPort(): MessagePortMain {
    const { port1, port2 } = new MessageChannelMain();
    this.#child.postMessage('serve', [port1]);
    return port2;
  }

  /** Lets builds end orderly, then the process; kills it when it takes too long. */
  async end(): Promise<void> {
    this.#ending = true;
    const { pid } = this.#child;
    if (pid === undefined) return;
    await new Promise<void>((resolve) => {
      // Any moment is safe to kill an engine at (R9); SIGTERM would only ask it once more.
      const timer = setTimeout(() => process.kill(pid, 'SIGKILL'), END_WITHIN_MS);
      this.#child.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
      this.#child.postMessage('end');
    });
  }

  #start(): UtilityProcess {
    const child = utilityProcess.fork(this.#path, [], { serviceName: 'Varve engine', stdio: 'inherit' });
    this.#startedAt = Date.now();
    child.once('exit', () => this.#restartLater());
    const { port1, port2 } = new MessageChannelMain();
    child.postMessage('keychain', [port1]);
    serveKeychain(electronPort(port2));
    return child;
  }

  #restartLater(): void {
    if (this.#ending) return;
    if (Date.now() - this.#startedAt > HEALTHY_AFTER_MS) this.#delayMs = FIRST_DELAY_MS;
    setTimeout(() => this.#restart(), this.#delayMs);
    this.#delayMs = Math.min(this.#delayMs * 2, LONGEST_DELAY_MS);
  }

  #restart(): void {
    if (this.#ending) return;
    this.#child = this.#start();
    this.#onStart();
  }
}
