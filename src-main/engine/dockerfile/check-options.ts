import { EngineError } from '../../contract/errors.ts';
import { dockerfileError } from './dockerfile-error.ts';
import type { Directive } from './dockerfile.ts';
import { scanDirectives } from './directives.ts';
import { nearest } from './nearest.ts';
import { splitLines } from './scan-lines.ts';

/** What `# check=` asks for. */
export interface CheckOptions {
  readonly skip: readonly string[] | 'all';
  readonly experimental: readonly string[] | 'all';
  /** Warnings make the build fail. */
  readonly error: boolean;
}

export interface CheckOptionsReading {
  readonly options: CheckOptions;
  readonly errors: readonly EngineError[];
}

const DEFAULTS: CheckOptions = { skip: [], experimental: [], error: false };
const KEYS = ['skip', 'experimental', 'error'] as const;
const HINT = 'Write "# check=skip=Rule,Other;error=true;experimental=Rule".';

/** The directive counts only where `#` is the first character of its line; `#!` on the first line is skipped. */
function findCheck(text: string, file: string): Directive | undefined {
  const lines = splitLines(text);
  const isScript = lines[0]?.text.slice(lines[0].start).startsWith('#!') === true;
  const { directives } = scanDirectives(isScript ? lines.slice(1) : lines, file);
  const check = directives.find((directive) => directive.name === 'check');
  const line = lines[(check?.location.line ?? 0) - 1];
  return line?.text[line.start] === '#' ? check : undefined;
}

function parseRules(value: string): readonly string[] | 'all' {
  if (value === 'all') return 'all';
  return value.split(',').map((rule) => rule.trim());
}

function applyOption(options: CheckOptions, part: string, directive: Directive): CheckOptions {
  const equals = part.indexOf('=');
  const key = part.slice(0, Math.max(equals, 0)).trim();
  const value = part.slice(equals + 1).trim();
  const known = KEYS.find((name) => name === key);
  if (known === undefined) {
    const likely = nearest(key, KEYS);
    const hint = likely === undefined ? HINT : `Did you mean ${likely}?`;
    throw dockerfileError(`invalid check option ${part}`, directive.location, hint);
  }
  if (known !== 'error') return { ...options, [known]: parseRules(value) };
  if (!/^(?:1|t|true|0|f|false)$/i.test(value)) {
    throw dockerfileError(`check option error is true or false, not ${value}`, directive.location, HINT);
  }
  return { ...options, error: /^(?:1|t|true)$/i.test(value) };
}

/** Reads `# check=` of a Dockerfile. A value ends at the first space; what cannot be read is an error. */
export function readCheckOptions(text: string, file: string): CheckOptionsReading {
  const directive = findCheck(text, file);
  const value = directive?.value.split(' ', 1)[0] ?? '';
  if (directive === undefined || value === '') return { options: DEFAULTS, errors: [] };
  const errors: EngineError[] = [];
  const options = value.split(';').reduce((sum, part) => {
    try {
      return applyOption(sum, part, directive);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      errors.push(error);
      return sum;
    }
  }, DEFAULTS);
  return { options, errors };
}
