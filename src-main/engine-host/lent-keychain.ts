import { keychainContract } from '../contract/keychain-api.ts';
import type { EngineOptions } from '../engine/engine.ts';
import { connectApi } from '../rpc/connect-api.ts';
import type { Port } from '../rpc/port.ts';

/** The keychain that the desktop's main process lends through a port. Calls wait until the port is there. */
export function lentKeychain(port: Promise<Port>): NonNullable<EngineOptions['keychain']> {
  const keychain = port.then((opened) => connectApi(keychainContract, opened).api.keychain);
  return {
    weakness: async () => (await (await keychain).weakness({})).weakness,
    seal: async (text) => (await (await keychain).seal({ text })).sealed,
    unseal: async (sealed) => (await (await keychain).unseal({ sealed })).text,
  };
}
