import { EngineError, type SourceLocation } from '../../contract/errors.ts';
import { didYouMean } from './did-you-mean.ts';
import { dockerfileError } from './dockerfile-error.ts';
import type { Directive } from './dockerfile.ts';
import { scanDirectives } from './directives.ts';
import { locateDirectiveValue } from './locate-directive-value.ts';
import { splitLines } from './scan-lines.ts';
import { subLocation } from './sub-location.ts';

/** A rule's name where it is written. */
export interface RuleMention {
  readonly name: string;
  readonly location: SourceLocation;
}

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
  /** The rules that the file names; none when a build argument has the options. */
  readonly rules: readonly RuleMention[];
}

/** The build argument that takes the place of the directive, as with BuildKit. */
export const CHECK_ARGUMENT = 'BUILDKIT_DOCKERFILE_CHECK';

const DEFAULTS: CheckOptions = { skip: [], experimental: [], error: false };
const KEYS = ['skip', 'experimental', 'error'] as const;
const HINT = 'Write "# check=skip=Rule,Other;error=true;experimental=Rule".';
/** BuildKit reads no further `;` than these: the last option has the rest. */
const MAX_OPTIONS = KEYS.length;

/** The directive counts only where `#` is the first character of its line; `#!` on the first line is skipped. */
function findCheck(text: string, file: string): Directive | undefined {
  const lines = splitLines(text);
  const isScript = lines[0]?.text.slice(lines[0].start).startsWith('#!') === true;
  const { directives } = scanDirectives(isScript ? lines.slice(1) : lines, file);
  const check = directives.find((directive) => directive.name === 'check');
  const line = lines[(check?.location.line ?? 0) - 1];
  return line?.text[line.start] === '#' ? check : undefined;
}

/** One of the options, and where it stands; nowhere for that of a build argument. */
interface OptionText {
  readonly text: string;
  readonly location: SourceLocation | undefined;
}

function splitOptions({ text, location }: OptionText): readonly OptionText[] {
  const parts = text.split(';');
  const last = parts.slice(MAX_OPTIONS - 1).join(';');
  const texts = parts.length > MAX_OPTIONS ? [...parts.slice(0, MAX_OPTIONS - 1), last] : parts;
  let start = 0;
  return texts.map((part) => {
    const from = start;
    start += part.length + 1;
    return { text: part, location: location && subLocation(location, text, from, from + part.length) };
  });
}

function optionError(message: string, location: SourceLocation | undefined, help: Help): EngineError {
  if (location !== undefined) return dockerfileError(message, location, help);
  const hint = `Write --build-arg "${CHECK_ARGUMENT}=skip=Rule,Other;error=true".`;
  return new EngineError('INVALID_INPUT', `--build-arg ${CHECK_ARGUMENT}: ${message}`, { hint });
}

type Help = ReturnType<typeof didYouMean>;

/** Collects what the options say, one after the other. */
class OptionsReader {
  readonly errors: EngineError[] = [];
  readonly rules: RuleMention[] = [];
  options = DEFAULTS;

  read(option: OptionText): void {
    const { text, location } = option;
    const equals = text.indexOf('=');
    const key = text.slice(0, Math.max(equals, 0)).trim();
    const known = KEYS.find((name) => name === key);
    if (known === undefined) return this.refuseKey(option, key);
    const value = {
      text: text.slice(equals + 1),
      location: location && subLocation(location, text, equals + 1),
    };
    if (known === 'error') this.readError(value);
    else this.options = { ...this.options, [known]: this.readRules(value) };
  }

  private refuseKey({ text, location }: OptionText, key: string): void {
    const equals = text.indexOf('=');
    const at = location && subLocation(location, text, 0, equals < 0 ? text.length : equals);
    const help = at === undefined ? { hint: HINT } : didYouMean(key || text, KEYS, at, HINT);
    this.errors.push(optionError(`invalid check option ${text}`, at, help));
  }

  private readError({ text, location }: OptionText): void {
    const value = text.trim();
    if (/^(?:1|t|true|0|f|false)$/i.test(value)) {
      this.options = { ...this.options, error: /^(?:1|t|true)$/i.test(value) };
      return;
    }
    const message = `check option error is true or false, not ${value}`;
    this.errors.push(optionError(message, location, { hint: HINT }));
  }

  private readRules({ text, location }: OptionText): readonly string[] | 'all' {
    if (text.trim() === 'all') return 'all';
    let start = 0;
    return text.split(',').map((part) => {
      const name = part.trim();
      const from = start + part.indexOf(name);
      start += part.length + 1;
      if (location !== undefined && name !== '') {
        this.rules.push({ name, location: subLocation(location, text, from, from + name.length) });
      }
      return name;
    });
  }
}

/** The options of the build argument, else those of the directive, whose value ends at the first space. */
function findOptions(text: string, file: string, argument: string | undefined): OptionText {
  if (argument !== undefined) return { text: argument.trim(), location: undefined };
  const directive = findCheck(text, file);
  const value = directive?.value.split(' ', 1)[0] ?? '';
  if (directive === undefined) return { text: value, location: undefined };
  const line = splitLines(text)[directive.location.line - 1]?.text ?? '';
  const place = locateDirectiveValue(directive, line);
  return { text: value, location: subLocation(place, directive.value, 0, value.length) };
}

/**
 * Reads the check options of a build: those of the build argument (`CHECK_ARGUMENT`) or, without it, of the file's
 * `# check=`. What cannot be read is an error.
 */
export function readCheckOptions(text: string, file: string, argument?: string): CheckOptionsReading {
  const found = findOptions(text, file, argument);
  const reader = new OptionsReader();
  if (found.text !== '') for (const option of splitOptions(found)) reader.read(option);
  const { options, errors, rules } = reader;
  return { options, errors, rules };
}
