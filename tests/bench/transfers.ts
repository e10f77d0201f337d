import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hasRegistryServer, startRegistryServer } from '../fixtures/registry-server.ts';
import { isInstalled } from './builders.ts';
import { measure, type Measured } from './measure.ts';

/** A program that moves an image between a registry and what it keeps below a folder. */
export interface Mover {
  readonly name: string;
  pull(reference: string, store: string): Promise<Measured>;
  /** Pushes what it has pulled into that folder. */
  push(pulled: string, reference: string, store: string): Promise<Measured>;
}

/** The command line of this checkout. */
export function varveMover(varve: string): Mover {
  return {
    name: 'varve',
    pull: (reference, store) => measure(varve, ['pull', reference], { VARVE_ROOT: store }),
    push: (pulled, reference, store) => measure(varve, ['push', pulled, reference], { VARVE_ROOT: store }),
  };
}

/** Skopeo with an OCI layout, which keeps blobs as they are, as Varve does. Undefined when it is not installed. */
export function skopeoMover(): Mover | undefined {
  if (!isInstalled('skopeo')) return undefined;
  return {
    name: 'skopeo',
    pull: (reference, store) => copy(`docker://${reference}`, `oci:${store}:1`, '--src-tls-verify=false'),
    push: (_, reference, store) => copy(`oci:${store}:1`, `docker://${reference}`, '--dest-tls-verify=false'),
  };
}

function copy(from: string, to: string, flag: string): Promise<Measured> {
  return measure('skopeo', ['copy', '--quiet', '--preserve-digests', flag, from, to]);
}

export interface Transferred {
  readonly pull: ReadonlyMap<string, Measured>;
  readonly push: ReadonlyMap<string, Measured>;
}

/** Whether there is a registry to measure with. */
export const canTransfer = hasRegistryServer;

/**
 * Pulls the image of an OCI layout with each program into an empty store, and pushes it from there to an empty registry,
 * all on loopback. The layout is removed as soon as the registry has it.
 */
export async function transfer(movers: readonly Mover[], layout: string, work: string): Promise<Transferred> {
  const source = await startRegistryServer(join(work, 'source'));
  const reference = `${source.host}/bench/image:1`;
  const stores = new Map(movers.map((mover) => [mover, join(work, `store-${mover.name}`)]));
  const [pull, push] = [new Map<string, Measured>(), new Map<string, Measured>()];
  try {
    await copy(`oci:${layout}:1`, `docker://${reference}`, '--dest-tls-verify=false');
    rmSync(layout, { recursive: true });
    for (const [mover, store] of stores) pull.set(mover.name, await mover.pull(reference, store));
  } finally {
    await source.close();
    rmSync(join(work, 'source'), { recursive: true });
  }
  for (const [mover, store] of stores) push.set(mover.name, await pushToEmpty(mover, store, reference, work));
  return { pull, push };
}

/** Each gets a registry of its own: none may find what another has brought. */
async function pushToEmpty(mover: Mover, store: string, pulled: string, work: string): Promise<Measured> {
  const folder = join(work, `target-${mover.name}`);
  mkdirSync(folder);
  const target = await startRegistryServer(folder);
  try {
    return await mover.push(pulled, `${target.host}/bench/image:1`, store);
  } finally {
    await target.close();
    rmSync(folder, { recursive: true });
    rmSync(store, { recursive: true });
  }
}
