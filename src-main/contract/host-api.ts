import { z } from 'zod';
import { engineContract } from './engine-api.ts';
import { method } from './method.ts';

/** What stands in for native dialogs where the page is a browser's. */
export const hostApi = {
  /**
   * Folders and, when asked for, files of one folder, hidden ones left out, in name order. Starts at the home folder
   * when no path is given. NOT_FOUND, PERMISSION, or INVALID_INPUT when it is no folder.
   */
  listFolder: method({
    params: z.object({ path: z.string().optional(), files: z.boolean().default(false) }),
    result: z.object({
      path: z.string(),
      /** Absent at the top. */
      parent: z.string().optional(),
      entries: z.array(z.object({ name: z.string(), path: z.string(), kind: z.enum(['folder', 'file']) })),
    }),
    progress: z.never(),
  }),
};

/** What the browser's WebSocket speaks: the engine's areas and `host`. */
export const browserContract = { ...engineContract, host: hostApi };

/** The path of that WebSocket, and the subprotocol that it is opened with, beside the token. */
export const BROWSER_SOCKET_PATH = '/engine';
export const BROWSER_SOCKET_PROTOCOL = 'varve';
