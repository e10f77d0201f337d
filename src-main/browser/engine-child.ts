import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from '../rpc/connect.ts';
import type { EngineConnection } from '../rpc/connect.ts';
import { processPort } from '../rpc/process-port.ts';

export interface EngineChild {
  readonly engine: EngineConnection;
  onExit(listener: () => void): void;
  /** Lets running builds end orderly, then the process. */
  close(): Promise<void>;
}

/** Starts the engine's process. */
export function startEngineChild(enginePath: string): EngineChild {
  const child = fork(enginePath, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const exit = once(child, 'exit');
  return {
    engine: connect(processPort(child)),
    onExit: (listener) => void exit.then(listener, listener),
    close: async () => {
      if (child.connected) child.disconnect();
      await exit;
    },
  };
}
