import { electronPort } from '../rpc/electron-port.ts';
import type { MessagePortMainLike } from '../rpc/electron-port.ts';
import type { Port } from '../rpc/port.ts';
import { processPort } from '../rpc/process-port.ts';

/** What Electron adds to `process` in a utility process. */
interface ParentPort {
  on(event: 'message', listener: (event: { data: unknown; ports: MessagePortMainLike[] }) => void): void;
}

/** What to do with what the starter of this process says. */
export interface PortListeners {
  /** A port to serve the engine on. */
  onPort(port: Port): void;
  /** A port to the system's keychain. Only Electron's main process has one to lend. */
  onKeychain(port: Port): void;
  /** The starter wants this process to end, or is gone. */
  onEnd(): void;
}

/** True when it is Electron's main process that has started this one. */
export function isUtilityProcess(): boolean {
  return parentPort() !== undefined;
}

/**
 * Every port that whoever started this process hands over: those in the messages of a utility process, or the IPC
 * channel of a child process.
 */
export function processPorts({ onPort, onKeychain, onEnd }: PortListeners): void {
  process.on('SIGTERM', onEnd);
  process.on('SIGINT', onEnd);
  if (process.send !== undefined) {
    process.once('disconnect', onEnd);
    onPort(processPort(process));
  }
  parentPort()?.on('message', ({ data, ports }) => {
    if (data === 'end') onEnd();
    else for (const port of ports) (data === 'keychain' ? onKeychain : onPort)(electronPort(port));
  });
}

function parentPort(): ParentPort | undefined {
  return (process as { readonly parentPort?: ParentPort }).parentPort;
}
