import { readFile } from 'node:fs/promises';
import type { SandboxCommand } from './sandbox.ts';
import { isNodeError } from './is-node-error.ts';

/** /etc/hosts as the command sees it. */
export function formatHosts({ hostname, addHosts }: Pick<SandboxCommand, 'hostname' | 'addHosts'>): string {
  const lines = [
    `127.0.0.1\tlocalhost ${hostname}`,
    '::1\tlocalhost ip6-localhost ip6-loopback',
    ...addHosts.map(({ host, ip }) => `${ip === 'host-gateway' ? OWN_ADDRESS : ip}\t${host}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** The network is the host's, so the host is where the command is. */
const OWN_ADDRESS = '127.0.0.1';

/**
 * /etc/resolv.conf as the command sees it: the host's name servers, search list and options and nothing else of it.
 * A name server on the host's loopback is of use, for the network is the host's; without a network there is none.
 */
export async function readResolvConf(network: SandboxCommand['network']): Promise<string> {
  if (network === 'none') return '';
  const lines = (await hostResolvConf())
    .split('\n')
    .filter((line) => /^(nameserver|search|domain|options)\s/.test(line));
  return lines.map((line) => `${line.trim()}\n`).join('');
}

async function hostResolvConf(): Promise<string> {
  try {
    return await readFile('/etc/resolv.conf', 'utf8');
  } catch (error) {
    if (isNodeError(error, 'ENOENT')) return '';
    throw error;
  }
}
