import { electronPort } from '../rpc/electron-port.ts';
import type { MessagePortMainLike } from '../rpc/electron-port.ts';
import type { Port } from '../rpc/port.ts';
import { processPort } from '../rpc/process-port.ts';

/** What Electron adds to `process` in a utility process. */
interface ParentPort {
  on(event: 'message', listener: (event: { data: unknown; ports: MessagePortMainLike[] }) => void): void;
}

/**
 * Every port that whoever started this process hands over: those in the messages of a utility process, or the IPC
 * channel of a child process. `onEnd` is called when the starter wants this process to end or is gone.
 */
export function processPorts(onPort: (port: Port) => void, onEnd: () => void): void {
  process.on('SIGTERM', onEnd);
  process.on('SIGINT', onEnd);
  if (process.send !== undefined) {
    process.once('disconnect', onEnd);
    onPort(processPort(process));
  }
  parentPort()?.on('message', ({ data, ports }) => {
    if (data === 'end') onEnd();
    else for (const port of ports) onPort(electronPort(port));
  });
}

function parentPort(): ParentPort | undefined {
  return (process as { readonly parentPort?: ParentPort }).parentPort;
}
