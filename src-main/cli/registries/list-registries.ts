import { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { printRows, type Column } from '../format/print-rows.ts';

const COLUMNS: readonly Column[] = [
  ['REGISTRY', 'Registry'],
  ['KNOWN FROM', 'Origin'],
  ['MIRRORS', 'Mirrors'],
  ['INSECURE', 'Insecure'],
];

export function listCommand(cli: Cli): Command {
  return new Command('ls')
    .description('Lists the registries that registries.json or images here name.')
    .option('--format <format>', 'table, json (one object a line), or a template')
    .action(async ({ format }: { readonly format?: string }) => {
      const listed = await cli.withEngine((api) => api.registries.list({}));
      const rows = listed.map(({ registry, origin, mirrors, insecure, ca }) => ({
        Registry: registry,
        Origin: origin,
        Mirrors: mirrors.map(({ url }) => url).join(','),
        Insecure: String(insecure),
        CA: ca ?? '',
      }));
      printRows(cli.stdout, rows, COLUMNS, format);
    });
}
