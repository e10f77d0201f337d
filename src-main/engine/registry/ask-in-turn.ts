import { isEngineError } from '../../contract/errors.ts';
import type { Registries } from './open-registries.ts';
import type { RegistrySession } from './session.ts';

/** Asks the servers of a registry in turn, mirrors first, until one answers; the registry's own failure counts. */
export async function askInTurn<T>(
  registries: Registries,
  registry: string,
  ask: (session: RegistrySession) => Promise<T>,
): Promise<T> {
  let failure: unknown;
  for (const session of await registries.sessions(registry)) {
    try {
      return await ask(session);
    } catch (error) {
      if (!isEngineError(error) || error.code === 'CANCELLED') throw error;
      failure = error;
    }
  }
  throw failure;
}
