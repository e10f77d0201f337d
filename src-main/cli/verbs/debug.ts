import { Command } from 'commander';
import { EngineError } from '../../contract/errors.ts';
import type { Cli } from '../cli.ts';
import { readStdinText, refuseTerminalInput } from '../read-stdin.ts';

const LIMIT_BYTES = 64 * 1024 * 1024;

const EXAMPLES = `
Examples:
  echo '[{"patterns":["*.log","!a.log"],"path":"b.log"}]' | varve debug ignore --json
  echo '[{"input":"\${A:-x}","env":{}}]' | varve debug expand --json`;

/** Tables of cases in, tables of answers out, for tests that compare Varve with other builders. */
export function debugCommand(cli: Cli): Command {
  return new Command('debug')
    .description('Answers tables of cases from standard input with single parts of the builder.')
    .addCommand(
      tableCommand(cli, 'ignore', 'for each {patterns, path}: is the path ignored?', async (rows) => {
        const { debugIgnore } = await import('../../engine/engine.ts');
        return debugIgnore(rows);
      }),
    )
    .addCommand(
      tableCommand(cli, 'expand', 'for each {input, env}: the expanded word, or {error}', async (rows) => {
        const { debugExpand } = await import('../../engine/engine.ts');
        return debugExpand(rows);
      }),
    )
    .addHelpText('after', EXAMPLES);
}

type Answer = (rows: unknown) => Promise<readonly unknown[]>;

function tableCommand(cli: Cli, name: string, summary: string, answer: Answer): Command {
  return new Command(name)
    .description(summary)
    .option('--json', 'read and write JSON, which is also what happens without it')
    .action(async () => {
      refuseTerminalInput(cli, 'Pipe in a JSON array of cases.');
      const rows = parseJson(await readStdinText(cli, LIMIT_BYTES));
      await cli.stdout.bytes(`${JSON.stringify(await answer(rows))}\n`);
    });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new EngineError('INVALID_INPUT', 'standard input is not JSON', { cause });
  }
}
