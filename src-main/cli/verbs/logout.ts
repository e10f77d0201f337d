import { Command } from 'commander';
import type { Cli } from '../cli.ts';

const EXAMPLES = `
Examples:
  varve logout              docker.io
  varve logout ghcr.io`;

export function logoutCommand(cli: Cli): Command {
  return new Command('logout')
    .description('Forgets the login of a registry, docker.io when none is named.')
    .argument('[registry]', 'the registry, host or host:port', 'docker.io')
    .addHelpText('after', EXAMPLES)
    .action((registry: string) => logout(cli, registry));
}

async function logout(cli: Cli, registry: string): Promise<void> {
  await cli.withEngine(async (api) => {
    const answer = await api.registries.logout({ registry }, { signal: cli.signal });
    const isRemoved = answer.removed.length > 0;
    cli.stdout.line(
      `${isRemoved ? 'Removing login credentials for' : 'Not logged in to'} ${answer.registry}`,
    );
    if (answer.remaining === undefined) return;
    cli.stderr.line(
      `The login in ${answer.remaining.place} remains, and is used; who made it can remove it.`,
    );
  });
}
