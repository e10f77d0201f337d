import { randomUUID } from 'node:crypto';
import { inTransaction, type Database } from './metadata.ts';
import type { Moment } from './store.ts';

/** In leases.db. One row. */
export const MOMENTS_SCHEMA = `
  CREATE TABLE IF NOT EXISTS moments (era TEXT NOT NULL, tick INTEGER NOT NULL) STRICT;
`;

/**
 * Gives each moment one number more than the last, in whichever process. No clock is asked, so none that is set can make
 * the old look new. An era ends when no one has the store open: what a crash has taken back of it is then no one's.
 */
export class MomentsTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** By whoever opens the store when no one else has it open. */
  beginEra(): void {
    this.#database.exec('DELETE FROM moments');
  }

  now(): Moment {
    return inTransaction(this.#database, 'note a moment', () => this.#next() ?? this.#first());
  }

  #next(): Moment | undefined {
    return this.#database.prepare<[], Moment>('UPDATE moments SET tick = tick + 1 RETURNING era, tick').get();
  }

  #first(): Moment {
    const first = { era: randomUUID(), tick: 1 };
    this.#database.prepare('INSERT INTO moments VALUES (?, ?)').run(first.era, first.tick);
    return first;
  }
}

/** Whether that came later; moments of different eras, and none at all, are not known to. */
export function isAfter(moment: Moment | undefined, other: Moment | undefined): boolean {
  if (moment === undefined || other === undefined) return false;
  return moment.era === other.era && moment.tick > other.tick;
}

export function formatMoment({ era, tick }: Moment): string {
  return `${era} ${tick}`;
}

/** Undefined for what no `formatMoment` wrote. */
export function parseMoment(text: string): Moment | undefined {
  const [, era, tick] = /^(\S+) (\d+)$/.exec(text) ?? [];
  return era === undefined ? undefined : { era, tick: Number(tick) };
}
