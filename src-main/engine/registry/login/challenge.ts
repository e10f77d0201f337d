/** One way in that a server offers with a 401 (RFC 9110, 11.6.1). */
export interface Challenge {
  /** In lower case: `basic`, `bearer`. */
  readonly scheme: string;
  /** By their names in lower case; the last of equal ones counts. */
  readonly parameters: ReadonlyMap<string, string>;
}

const TOKEN = String.raw`[!#$%&'*+.^_\`|~\w-]+`;
const SEPARATORS = /[\s,]*/y;
const SCHEME = new RegExp(`(${TOKEN})(?=[\\s,]|$)`, 'y');
/** Not quoted, a value goes to the next comma: registries leave the quotes away where they must not. */
const PARAMETER = new RegExp(
  `[\\s,]*(${TOKEN})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s,"=]+)(?=[\\s,]|$))`,
  'y',
);
/** What other schemes say in place of parameters. */
const TOKEN_68 = /\s+[\w.~+/-]+=*(?=\s*(?:,|$))/y;

/** The challenges of one `WWW-Authenticate` header, in its order. What cannot be read ends the list. */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: Challenge[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(header);
    if (found !== null) at = pattern.lastIndex;
    return found;
  };
  take(SEPARATORS);
  for (let scheme = take(SCHEME); scheme !== null; scheme = take(SCHEME)) {
    const parameters = new Map<string, string>();
    for (let found = take(PARAMETER); found !== null; found = take(PARAMETER)) {
      const [, name = '', quoted, plain = ''] = found;
      parameters.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/gs, '$1') ?? plain);
    }
    if (parameters.size === 0) take(TOKEN_68);
    challenges.push({ scheme: (scheme[1] ?? '').toLowerCase(), parameters });
    take(SEPARATORS);
  }
  return challenges;
}
