import type { Diagnostic } from '../../contract/builds-api.ts';
import type { EngineApi } from '../../contract/engine-api.ts';
import { EXIT, type Cli } from '../cli.ts';
import { cleanText } from '../format/clean-text.ts';
import type { OpenContext } from './open-context.ts';

const AROUND = 2;

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
  printFindings(cli, diagnostics, text.split('\n'));
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

function printFindings(cli: Cli, diagnostics: readonly Diagnostic[], lines: readonly string[]): void {
  const say = (line: string) => cli.stdout.line(line);
  const count = diagnostics.length;
  if (count === 0) return say('Check complete, no warnings found.');
  say(`Check complete, ${count === 1 ? '1 finding' : `${count} findings`}.`);
  for (const { severity, rule, message, hint, url, location } of diagnostics) {
    const name = severity === 'error' ? 'ERROR' : `WARNING: ${rule ?? ''}`;
    say(`\n${name}${url === undefined ? '' : ` - ${url}`}`);
    say(cleanText(message));
    if (hint !== undefined) say(cleanText(hint));
    for (const line of excerpt(lines, location.line, location.endLine)) say(line);
  }
}

/** The lines around a finding, those of the finding itself marked. */
function excerpt(lines: readonly string[], first: number, last: number): string[] {
  const from = Math.max(1, first - AROUND);
  const shown = lines.slice(from - 1, last + AROUND);
  return shown.map((line, at) => {
    const number = from + at;
    const mark = number >= first && number <= last ? '>>>' : '   ';
    return `${String(number).padStart(4)} | ${mark} ${cleanText(line)}`.trimEnd();
  });
}
