import { Command } from 'commander';
import type { RegistryRow } from '../../contract/registries-api.ts';
import type { Cli } from '../cli.ts';
import { printRows, type Column, type Row } from '../format/print-rows.ts';

const COLUMNS: readonly Column[] = [
  ['REGISTRY', 'Registry'],
  ['KNOWN FROM', 'Origin'],
  ['LOGIN', 'Login'],
  ['MIRRORS', 'Mirrors'],
  ['NOTES', 'Notes'],
];

export function listCommand(cli: Cli): Command {
  return new Command('ls')
    .description('Lists the registries that registries.json, logins or images here name.')
    .option('--format <format>', 'table, json (one object a line), or a template')
    .action(async ({ format }: { readonly format?: string }) => {
      const listed = await cli.withEngine((api) => api.registries.list({}));
      printRows(cli.stdout, listed.map(toRow), COLUMNS, format);
    });
}

function toRow(row: RegistryRow): Row {
  const { registry, origin, mirrors, endpoint, insecure, blocked, ca, login } = row;
  const notes = [
    ...(blocked === true ? ['blocked'] : []),
    ...(insecure ? ['insecure'] : []),
    ...(endpoint === undefined ? [] : [`at ${endpoint}`]),
  ];
  return {
    Registry: registry,
    Origin: origin,
    Login: login?.username ?? '',
    LoginKept: login?.kept.place ?? '',
    Mirrors: mirrors.map(({ url }) => url).join(','),
    Notes: notes.join(', '),
    Endpoint: endpoint ?? '',
    Insecure: String(insecure),
    Blocked: String(blocked === true),
    CA: ca ?? '',
    ClientCertificate: row.clientCertificate ?? '',
    ClientKey: row.clientKey ?? '',
  };
}
