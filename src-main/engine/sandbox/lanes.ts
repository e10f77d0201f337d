import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openLane, type Lane } from './open-lane.ts';
import type { Namespace } from './open-namespace.ts';
import type { Runtime } from './runtime.ts';

/** The lanes of a session: as many as commands run side by side. */
export interface Lanes {
  /** One that nobody uses, or a new one. */
  take(cgroups: Runtime['cgroups']): Promise<Lane>;
  /** Takes a lane back; one that is not clean ends, and with it all that is in it. */
  giveBack(lane: Lane, isClean: boolean): Promise<void>;
  close(): Promise<void>;
}

export function createLanes(namespace: Namespace, folder: string): Lanes {
  const kinds = new Map<Lane, Runtime['cgroups']>();
  const folders = new Map<Lane, string>();
  const idle = new Set<Lane>();
  let count = 0;
  const end = async (lane: Lane): Promise<void> => {
    await lane.close();
    await rm(folders.get(lane) ?? '', { recursive: true, force: true });
    for (const each of [kinds, folders]) each.delete(lane);
  };
  return {
    take: async (cgroups) => {
      for (const lane of idle) {
        if (kinds.get(lane) !== cgroups) continue;
        idle.delete(lane);
        if (lane.isOpen()) return lane;
        await end(lane);
      }
      const own = join(folder, `lane-${(count += 1)}`);
      const lane = await openLane({ namespace, folder: own, cgroups });
      kinds.set(lane, cgroups);
      folders.set(lane, own);
      return lane;
    },
    giveBack: async (lane, isClean) => {
      if (isClean && lane.isOpen()) idle.add(lane);
      else await end(lane);
    },
    close: async () => {
      await Promise.all(Array.from(kinds.keys(), end));
    },
  };
}
