import type { Registries } from '../open-registries.ts';
import type { RegistrySession } from './session.ts';
import { tryEach } from './try-each.ts';

/** Asks the servers of a registry in turn, mirrors first, until one answers; the registry's own failure counts. */
export async function askInTurn<T>(
  registries: Registries,
  registry: string,
  ask: (session: RegistrySession) => Promise<T>,
): Promise<T> {
  return tryEach(await registries.sessions(registry), ask);
}
