import { z } from 'zod';
import { method } from './method.ts';

const none = z.never();
const base64 = z.string().max(1024 * 1024);

/**
 * What the engine's process asks of the desktop's main process, the only one that reaches the operating system's
 * keychain. Nothing but sealed text is ever stored.
 */
export const keychainContract = {
  keychain: {
    /** Why secrets are not safe with it on this machine, as a clause for a message; absent when they are. */
    weakness: method({
      params: z.object({}),
      result: z.object({ weakness: z.string().optional() }),
      progress: none,
    }),
    /** The text as only this user on this machine can read it again. */
    seal: method({
      params: z.object({ text: z.string().max(256 * 1024) }),
      result: z.object({ sealed: base64 }),
      progress: none,
    }),
    /** The inverse. UNAUTHORIZED when it was sealed elsewhere or the keychain stays locked. */
    unseal: method({
      params: z.object({ sealed: base64 }),
      result: z.object({ text: z.string() }),
      progress: none,
    }),
  },
};
