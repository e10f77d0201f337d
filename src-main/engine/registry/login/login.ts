import { EngineError } from '../../../contract/errors.ts';
import type { LoginPlace } from '../../../contract/registries-api.ts';
import type { Credential } from '../credentials/credential.ts';
import type { Credentials } from '../credentials/credentials.ts';
import type { Registries } from '../open-registries.ts';

export interface LoginParts {
  readonly registries: Registries;
  readonly credentials: Credentials;
}

interface Cancellable {
  readonly signal?: AbortSignal | undefined;
}

export interface KeptLogin {
  /** The host that the login counts for. */
  readonly registry: string;
  readonly username: string;
  readonly kept: LoginPlace;
  /** Why the keychain of the window was not used. */
  readonly weakness?: string;
}

/** Proves a credential at a registry, then keeps it. UNAUTHORIZED when the registry refuses; nothing is kept then. */
export async function logIn(
  { registries, credentials }: LoginParts,
  registry: string,
  credential: Credential,
  options: Cancellable,
): Promise<KeptLogin> {
  const host = await registries.loginHost(registry);
  const proved = await registries.prove(registry, credential, options);
  const kept = await credentials.store(host, proved, options);
  const weakness = kept.kind === 'file' ? await credentials.weakness() : undefined;
  const { username } = credential;
  return { registry: host, username, kept, ...(weakness === undefined ? {} : { weakness }) };
}

/** Proves the login that is there; NOT_FOUND when there is none. */
export async function proveLogin(
  { registries, credentials }: LoginParts,
  registry: string,
  options: Cancellable,
): Promise<KeptLogin> {
  const host = await registries.loginHost(registry);
  const { credential, problems } = await credentials.find(host, undefined, options);
  if (credential === undefined) {
    throw problems[0] ?? new EngineError('NOT_FOUND', `there is no login for ${host}`);
  }
  await registries.prove(registry, credential, options);
  return { registry: host, username: credential.username, kept: credential.from };
}

/** Forgets what `logIn` kept; `remaining` is what is found there from now on. */
export async function logOut(
  { registries, credentials }: LoginParts,
  registry: string,
  options: Cancellable,
): Promise<{
  readonly registry: string;
  readonly removed: LoginPlace[];
  readonly remaining?: LoginPlace;
}> {
  const host = await registries.loginHost(registry);
  const removed = [...(await credentials.erase(host, options))];
  registries.forgetLogin(host);
  const remaining = (await credentials.find(host, undefined, options)).credential?.from;
  return { registry: host, removed, ...(remaining === undefined ? {} : { remaining }) };
}
