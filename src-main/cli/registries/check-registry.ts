import { Command } from 'commander';
import { EXIT, type Cli } from '../cli.ts';

export function checkCommand(cli: Cli): Command {
  return new Command('check')
    .description('Asks a registry whether it is there, and whether it takes the login that is kept for it.')
    .argument('<registry>', 'for example docker.io, or localhost:5000')
    .option('--format <format>', 'json for one object')
    .action(async (registry: string, { format }: { readonly format?: string }) => {
      const found = await cli.withEngine((api) => api.registries.check({ registry }, { signal: cli.signal }));
      const { reachable, authenticated, ms, endpoint, problem } = found;
      if (!reachable || !authenticated) cli.exitWith(EXIT.failed);
      if (format === 'json') return cli.stdout.line(JSON.stringify(found));
      const state = reachable
        ? authenticated
          ? 'answers'
          : 'answers, and refuses who we are'
        : 'does not answer';
      cli.stdout.line(`${registry}: ${endpoint} ${state} (${Math.round(ms)} ms)`);
      if (problem !== undefined) cli.stderr.line(problem);
    });
}
