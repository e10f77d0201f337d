import { EngineError } from '../../contract/errors.ts';
import { isLoopback } from './is-loopback.ts';

/** What a 401 asks for (RFC 9110, 11.6.1; distribution-spec leaves the token protocol to the registry). */
export interface BearerChallenge {
  readonly realm: URL;
  readonly service: string | undefined;
  readonly scope: string | undefined;
}

/** Parses a `WWW-Authenticate: Bearer …` header; undefined for another scheme. A realm must be https or loopback (S10). */
export function parseBearerChallenge(header: string): BearerChallenge | undefined {
  const match = /^\s*bearer\s+(.*)$/is.exec(header);
  if (match === null) return undefined;
  const parameters = new Map(
    [...(match[1] ?? '').matchAll(/([a-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/gi)].map(
      ([, name = '', quoted, plain]) => [
        name.toLowerCase(),
        quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? '',
      ],
    ),
  );
  const realm = parameters.get('realm');
  if (realm === undefined || !URL.canParse(realm)) return undefined;
  return {
    realm: checkRealm(new URL(realm)),
    service: parameters.get('service'),
    scope: parameters.get('scope'),
  };
}

function checkRealm(realm: URL): URL {
  if (realm.protocol === 'https:' || (realm.protocol === 'http:' && isLoopback(realm.host))) return realm;
  throw new EngineError('REGISTRY', `the registry sends for tokens to ${realm.origin}, which is not https`);
}
