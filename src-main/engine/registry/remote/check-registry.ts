import { EngineError, isEngineError } from '../../../contract/errors.ts';
import type { RegistryCheck } from '../../../contract/registries-api.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import { endpointName, endpointUrl } from '../config/endpoints.ts';
import type { Registries } from '../open-registries.ts';
import { registryError } from './registry-error.ts';
import type { RegistrySession } from '../session/session.ts';

/**
 * Asks the servers of a registry in order until one answers. What is wrong with those before it is told too: a mirror
 * that is down costs time with every pull. Only a cancelled check rejects.
 */
export async function checkRegistry(
  registries: Registries,
  registry: string,
  options: LongOptions,
): Promise<RegistryCheck> {
  const problems: string[] = [];
  const started = performance.now();
  const answer = (state: Pick<RegistryCheck, 'reachable' | 'authenticated' | 'endpoint'>): RegistryCheck => ({
    ...state,
    ms: Math.round(performance.now() - started),
    ...(problems.length === 0 ? {} : { problem: problems.join('\n') }),
  });
  let endpoint = registry;
  try {
    for (const session of await registries.sessions(registry)) {
      const problem = await ask(session, options);
      endpoint = addressOf(session);
      if (problem !== undefined) problems.push(problem.message);
      const isRefused = isEngineError(problem, 'UNAUTHORIZED');
      if (problem === undefined || isRefused)
        return answer({ reachable: true, authenticated: !isRefused, endpoint });
    }
  } catch (error) {
    if (!(error instanceof EngineError) || error.code === 'CANCELLED') throw error;
    problems.push(error.message);
  }
  return answer({ reachable: false, authenticated: false, endpoint });
}

/** The version check, which every registry answers (distribution-spec, "Determining Support"). */
async function ask(session: RegistrySession, { signal }: LongOptions): Promise<EngineError | undefined> {
  try {
    const response = await session.send({
      method: 'GET',
      path: '',
      scope: { actions: [] },
      once: true,
      signal,
    });
    if (response.status !== 200)
      return await registryError(response, `speak with ${endpointName(session.endpoint)}`);
    await response.discard();
    return undefined;
  } catch (error) {
    if (!(error instanceof EngineError) || error.code === 'CANCELLED') throw error;
    return error;
  }
}

function addressOf({ endpoint }: RegistrySession): string {
  const address = endpointUrl(endpoint, '').href;
  return endpoint.isMirror ? `${address}, a mirror` : address;
}
