import { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { checkCommand } from '../registries/check-registry.ts';
import { inspectCommand } from '../registries/inspect-remote.ts';
import { listCommand } from '../registries/list-registries.ts';
import { referrersCommand } from '../registries/list-referrers.ts';
import { repositoriesCommand } from '../registries/list-repositories.ts';
import { tagsCommand } from '../registries/list-tags.ts';
import { removeCommand } from '../registries/remove-remote.ts';

const EXAMPLES = `
Examples:
  varve registries                                 the registries that are known here
  varve registries check ghcr.io                   whether it answers, and takes the login kept for it
  varve registries repositories localhost:5000     what one holds, where it tells
  varve registries tags python                     the tags of docker.io/library/python
  varve registries tags --digests ghcr.io/org/app  with digests, dates and sizes
  varve registries inspect python:3.12-slim        config and layers, without pulling
  varve registries referrers ghcr.io/org/app:1     its signatures and attestations
  varve registries rm localhost:5000/app:1         remove a tag there`;

export function registriesCommand(cli: Cli): Command {
  return new Command('registries')
    .description('Looks at what registries hold, without pulling it: skopeo’s and crane’s words.')
    .addCommand(listCommand(cli), { isDefault: true })
    .addCommand(checkCommand(cli))
    .addCommand(repositoriesCommand(cli))
    .addCommand(tagsCommand(cli))
    .addCommand(inspectCommand(cli))
    .addCommand(referrersCommand(cli))
    .addCommand(removeCommand(cli))
    .addHelpText('after', EXAMPLES);
}
