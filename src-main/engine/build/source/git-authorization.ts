/**
 * What http requests for a repository carry, from the secrets that docker's builds know for it: a whole header or a
 * token, for the host alone or for all.
 */
export async function gitAuthorization(
  remote: string,
  lookUp: (id: string) => Promise<Uint8Array | undefined>,
): Promise<string | undefined> {
  if (!/^https?:/.test(remote) || !URL.canParse(remote)) return undefined;
  const { host } = new URL(remote);
  for (const suffix of [`.${host}`, '']) {
    const header = await lookUp(`GIT_AUTH_HEADER${suffix}`);
    if (header !== undefined) return Buffer.from(header).toString().trim();
    const token = await lookUp(`GIT_AUTH_TOKEN${suffix}`);
    if (token !== undefined) return basic(Buffer.from(token).toString().trim());
  }
  return undefined;
}

function basic(token: string): string {
  return `basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`;
}
