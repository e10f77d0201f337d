import type { Diagnostic } from '../../contract/builds-api.ts';
import type { EngineApi } from '../../contract/engine-api.ts';
import { EXIT, type Cli } from '../cli.ts';
import { cleanText } from '../format/clean-text.ts';
import { formatListing } from '../format/excerpt.ts';
import { seenFrom } from '../format/seen-from.ts';
import type { OpenContext } from './open-context.ts';

const RULE = '--------------------';

/** `--check`: prints what the checks find and builds nothing. Exit status 1 when they find something, as docker's. */
export async function checkDockerfile(
  cli: Cli,
  api: EngineApi,
  from: OpenContext,
  format: 'json' | 'text',
): Promise<void> {
  const { text, file } = await readText(api, from);
  const { diagnostics } = await api.builds.check(
    { text, file, context: from.context },
    { signal: cli.signal },
  );
  if (diagnostics.length > 0) cli.exitWith(EXIT.failed);
  if (format === 'json') return cli.stdout.line(JSON.stringify(toJson(diagnostics)));
  printFindings(cli, diagnostics, text.split(/\r?\n/));
}

async function readText(api: EngineApi, from: OpenContext): Promise<{ text: string; file: string }> {
  const { context, dockerfile = 'Dockerfile', dockerfileText } = from;
  if (dockerfileText !== undefined) return { text: dockerfileText, file: 'Dockerfile' };
  return api.contexts.readDockerfile({ path: context, dockerfile });
}

function toJson(diagnostics: readonly Diagnostic[]): object {
  const warnings = diagnostics.filter(({ severity }) => severity === 'warning');
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  return {
    warnings: warnings.map(({ rule, instructionLine, message }) => ({
      rule,
      line: instructionLine,
      message,
    })),
    ...(errors.length === 0
      ? {}
      : { errors: errors.map(({ instructionLine, message }) => ({ line: instructionLine, message })) }),
  };
}

/** As docker prints them, with the place underlined and, below, what to do. */
function printFindings(cli: Cli, diagnostics: readonly Diagnostic[], lines: readonly string[]): void {
  const say = (line: string) => cli.stdout.line(line);
  say(titleOf(diagnostics));
  for (const diagnostic of diagnostics) {
    const { severity, rule, message, hint, url, location } = diagnostic;
    const { instructionLine: line, instructionEndLine: endLine = line } = diagnostic;
    const name = severity === 'error' ? 'ERROR' : `WARNING: ${rule ?? ''}`;
    say(`\n${name}${url === undefined ? '' : ` - ${url}`}`);
    say(cleanText(message));
    if (hint !== undefined) say(cleanText(hint));
    say(`${seenFrom(cli.cwd, location.file)}:${line}`);
    say(RULE);
    formatListing(lines, { lines: { line, endLine }, range: location }, cli.stdout).forEach(say);
    say(RULE);
  }
}

function titleOf(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const warnings = diagnostics.length - errors;
  const found = [count(errors, 'error'), count(warnings, 'warning')].filter((text) => text !== '');
  if (found.length === 0) return 'Check complete, no warnings found.';
  return `Check complete, ${found.join(' and ')} ${diagnostics.length === 1 ? 'has' : 'have'} been found!`;
}

function count(number: number, what: string): string {
  if (number === 0) return '';
  return number === 1 ? `1 ${what}` : `${number} ${what}s`;
}
