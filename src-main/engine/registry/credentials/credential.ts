import type { EngineError } from '../../../contract/errors.ts';
import type { LoginPlace } from '../../../contract/registries-api.ts';

/** What proves to a registry who asks. None of it may reach a log, an argument or a message (S10, S13). */
export interface Credential {
  /** Empty where only a token is known. */
  readonly username: string;
  /** A password or personal access token; a refresh token of OAuth 2; or a bearer token that is sent as it is. */
  readonly kind: 'password' | 'identity-token' | 'registry-token';
  readonly secret: string;
}

/** The outcome of looking for a credential. What could not be read is no error yet: nobody may need it. */
export interface FoundCredential {
  readonly credential?: Credential & { readonly from: LoginPlace };
  /** Files and helpers that may hold what was looked for and could not tell. */
  readonly problems: readonly EngineError[];
}

/** A login that some place has, without its secret. */
export interface KnownLogin {
  /** A registry, or `registry/namespace` where it counts for that only. */
  readonly registry: string;
  readonly username: string;
  readonly from: LoginPlace;
}
