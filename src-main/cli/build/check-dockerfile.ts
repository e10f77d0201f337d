import type { BuildRequestInput, Diagnostic } from '../../contract/builds-api.ts';
import type { EngineApi } from '../../contract/engine-api.ts';
import { EXIT, type Cli } from '../cli.ts';
import { cleanText } from '../format/clean-text.ts';
import { formatListing } from '../format/excerpt.ts';
import { seenFrom } from '../format/seen-from.ts';
import type { OpenContext } from './open-context.ts';

const RULE = '--------------------';

/** What of a build's options a check looks at. */
export type CheckRequest = Pick<BuildRequestInput, 'buildArgs' | 'target' | 'platform'>;

/** `--check`: prints what the checks find and builds nothing. Exit status 1 when they find something, as docker's. */
export async function checkDockerfile(
  cli: Cli,
  api: EngineApi,
  from: OpenContext,
  request: CheckRequest,
  format: 'json' | 'text',
): Promise<void> {
  const { text, file } = await readText(api, from);
  const { context } = from;
  const { buildArgs, target, platform } = request;
  const { diagnostics, warningsAreErrors } = await api.builds.check(
    { text, file, context, buildArgs, target, platform },
    { signal: cli.signal },
  );
  if (!diagnostics.every(isNote)) cli.exitWith(EXIT.failed);
  if (format === 'json') return cli.stdout.line(JSON.stringify(toJson(diagnostics)));
  printFindings(cli, diagnostics, text.split(/\r?\n/));
  const rules = new Set(diagnostics.flatMap(({ rule }) => rule ?? []));
  if (warningsAreErrors === true && rules.size > 0) {
    cli.stdout.line(`\nERROR: lint violation found for rules: ${Array.from(rules).join(', ')}`);
  }
}

function isNote({ severity, rule }: Diagnostic): boolean {
  return severity === 'warning' && rule === undefined;
}

async function readText(api: EngineApi, from: OpenContext): Promise<{ text: string; file: string }> {
  const { context, dockerfile = 'Dockerfile', dockerfileText } = from;
  if (dockerfileText !== undefined) return { text: dockerfileText, file: 'Dockerfile' };
  return api.contexts.readDockerfile({ path: context, dockerfile });
}

function toJson(diagnostics: readonly Diagnostic[]): object {
  const warnings = diagnostics.filter(({ rule }) => rule !== undefined);
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

/** As docker prints them, with the place underlined and, below the message, what to do. */
function printFindings(cli: Cli, diagnostics: readonly Diagnostic[], lines: readonly string[]): void {
  const say = (line: string) => cli.stdout.line(line);
  say(titleOf(diagnostics));
  for (const diagnostic of diagnostics) {
    const { message, hint, location } = diagnostic;
    const { instructionLine: line, instructionEndLine: endLine = line } = diagnostic;
    say(`\n${headOf(diagnostic)}`);
    say(cleanText(message));
    if (hint !== undefined) say(cleanText(hint));
    say(`${seenFrom(cli.cwd, location.file)}:${line}`);
    say(RULE);
    formatListing(lines, { lines: { line, endLine }, range: location }, cli.stdout).forEach(say);
    say(RULE);
  }
}

function headOf({ severity, rule, url }: Diagnostic): string {
  if (severity === 'error') return 'ERROR';
  if (rule === undefined) return 'NOTE';
  return `WARNING: ${rule}${url === undefined ? '' : ` - ${url}`}`;
}

function titleOf(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const warnings = diagnostics.filter(({ rule }) => rule !== undefined).length;
  const found = [count(errors, 'error'), count(warnings, 'warning')].filter((text) => text !== '');
  if (found.length === 0) return 'Check complete, no warnings found.';
  return `Check complete, ${found.join(' and ')} ${errors + warnings === 1 ? 'has' : 'have'} been found!`;
}

function count(number: number, what: string): string {
  if (number === 0) return '';
  return number === 1 ? `1 ${what}` : `${number} ${what}s`;
}
