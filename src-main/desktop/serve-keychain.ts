import { safeStorage } from 'electron';
import { EngineError } from '../contract/errors.ts';
import { keychainContract } from '../contract/keychain-api.ts';
import type { Port } from '../rpc/port.ts';
import { serveApi } from '../rpc/serve-api.ts';

/** Lets the engine's process at the other end of `port` use the system's keychain. */
export function serveKeychain(port: Port): void {
  const keychain = {
    weakness: async () => {
      const weakness = await findWeakness();
      return weakness === undefined ? {} : { weakness };
    },
    seal: async ({ text }: { text: string }) => ({
      sealed: (await safeStorage.encryptStringAsync(text)).toString('base64'),
    }),
    unseal: async ({ sealed }: { sealed: string }) => ({ text: await unseal(sealed) }),
  };
  serveApi(keychainContract, { keychain }, port, { log: SILENT });
}

/** What Electron's errors say may hold what they were given. */
const SILENT = { warn() {}, error() {} };

/** What Chromium on Linux begins with when no keychain answers: it then seals with a key that everyone knows. */
const KNOWN_KEY = 'v10';

async function findWeakness(): Promise<string | undefined> {
  if (!(await safeStorage.isAsyncEncryptionAvailable())) return 'the system’s keychain cannot be used';
  if (process.platform !== 'linux') return undefined;
  const sealed = await safeStorage.encryptStringAsync('which key');
  const isKnown = sealed.toString('latin1').startsWith(KNOWN_KEY);
  return isKnown ? 'no keychain (GNOME Keyring, KWallet) runs in this session' : undefined;
}

async function unseal(sealed: string): Promise<string> {
  try {
    return (await safeStorage.decryptStringAsync(Buffer.from(sealed, 'base64'))).result;
  } catch (cause) {
    throw new EngineError('UNAUTHORIZED', 'the system’s keychain does not open a stored login', {
      hint: 'Unlock the keychain, or log in again.',
      cause,
    });
  }
}
