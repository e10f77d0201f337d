import type { EngineError } from '../../contract/errors.ts';
import { dockerfileError } from './dockerfile-error.ts';
import type { Directive, EscapeCharacter } from './dockerfile.ts';
import { locateDirectiveValue } from './locate-directive-value.ts';
import { lineLocation } from './scan-lines.ts';
import type { Line } from './scan-lines.ts';
import { skipSpace } from './white-space.ts';

/** The parser directives at the top of a file. */
export interface DirectiveScan {
  readonly directives: readonly Directive[];
  readonly escape: EscapeCharacter;
  readonly errors: readonly EngineError[];
}

const NAMES = ['syntax', 'escape', 'check'] as const;

interface Setting {
  readonly name: Directive['name'];
  readonly value: string;
}

const HEAD = /^#[\t\f\r ]*([a-z][a-z0-9]*)[\t\f\r ]*=/i;
const BLANK = /[\t\f\r ]/;

/** Without the white space around it, as far as directives know any; a value of nothing else is its last character. */
function trimValue(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end - 1 && BLANK.test(text.charAt(start))) start += 1;
  while (end > start + 1 && BLANK.test(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** `# name = value` with one of the known names, in any case. */
function parseDirective(line: Line): Setting | undefined {
  const text = line.text.slice(skipSpace(line.text, line.start));
  const [head = '', written = ''] = HEAD.exec(text) ?? [];
  const name = NAMES.find((known) => known === written.toLowerCase());
  const value = trimValue(text.slice(head.length));
  return name === undefined || value === '' ? undefined : { name, value };
}

function checkDirective(
  directive: Directive,
  seen: readonly Directive[],
  line: Line,
): EngineError | undefined {
  const { name, value, location } = directive;
  if (seen.some((other) => other.name === name)) {
    return dockerfileError(`only one ${name} directive can be used`, location, 'Remove one of the two.');
  }
  if (name === 'escape' && value !== '\\' && value !== '`') {
    const hint = 'Write "# escape=`" or "# escape=\\".';
    const place = locateDirectiveValue(directive, line.text);
    return dockerfileError(`invalid escape character ${value}: it must be \\ or \``, place, hint);
  }
  return undefined;
}

/**
 * Reads directives from the first line on, up to the first line that is none: a comment, an empty line, an
 * unknown name. After that a line that looks like a directive is a comment.
 */
export function scanDirectives(lines: readonly Line[], file: string): DirectiveScan {
  const directives: Directive[] = [];
  const errors: EngineError[] = [];
  for (const line of lines) {
    const setting = parseDirective(line);
    if (setting === undefined) break;
    const directive = { ...setting, location: lineLocation(line, file) };
    const error = checkDirective(directive, directives, line);
    if (error === undefined) directives.push(directive);
    else errors.push(error);
  }
  const escape = directives.find((directive) => directive.name === 'escape')?.value;
  return { directives, escape: escape === '`' ? '`' : '\\', errors };
}
