import type { BuildRequest } from '../../contract/builds-api.ts';

/**
 * The request as a record keeps it: the Dockerfile's text stands in a line of its own, and addresses are without the
 * names and passwords that may be in them (S10). Secrets and agents are named in a request, never held.
 */
export function recordableRequest({ dockerfileText: _text, ...request }: BuildRequest): BuildRequest {
  const { contextName, buildContexts } = request;
  const contexts = Object.entries(buildContexts).map(([name, source]) => [name, withoutLogin(source)]);
  return {
    ...request,
    ...(contextName === undefined ? {} : { contextName: withoutLogin(contextName) }),
    buildContexts: Object.fromEntries(contexts) as Record<string, string>,
  };
}

function withoutLogin(address: string): string {
  return address.replace(/^([a-z][a-z+.-]*:\/\/)[^/@]*@/i, '$1');
}
