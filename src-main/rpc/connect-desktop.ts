import { connect } from './connect.ts';
import type { EngineConnection } from './connect.ts';
import { ENGINE_PORT_MESSAGE } from '../contract/desktop-api.ts';
import { messagePort } from './message-port.ts';

/**
 * Calls back with the engine as soon as Electron's preload hands its port to the page, and again with a new one
 * whenever the engine's process was restarted. To be called while the page loads: ports are handed on after that.
 */
export function connectDesktop(page: Window, onConnect: (engine: EngineConnection) => void): void {
  page.addEventListener('message', (event) => {
    const [port] = event.ports;
    const ours = event.source === page && event.origin === page.location.origin;
    if (ours && event.data === ENGINE_PORT_MESSAGE && port !== undefined)
      onConnect(connect(messagePort(port)));
  });
}
