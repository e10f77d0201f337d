import { EngineError } from '../../contract/errors.ts';
import type { TagEvent } from '../../contract/images-api.ts';
import type { Digest } from '../../contract/oci-types.ts';
import { familiarReference, formatReference, type Reference } from '../oci/reference.ts';
import { inTransaction, mappingDatabaseErrors, type Database } from './metadata.ts';
import type { TagCause, TagRow, Tags } from './store.ts';

interface StoredEvent {
  readonly id: number;
  readonly name: string;
  readonly from_digest: Digest | null;
  readonly to_digest: Digest | null;
  readonly at: string;
  readonly cause: TagCause;
  readonly undoes: number | null;
}

/** What one row of the history will say. */
interface Move {
  readonly name: string;
  readonly from: Digest | undefined;
  readonly to: Digest | undefined;
  readonly cause: TagCause;
  readonly undoes?: number;
}

export interface TagsTableOptions {
  readonly database: Database;
  readonly now: () => number;
  /** Counts a change and tells who listens. */
  readonly changed: () => void;
  /** NOT_FOUND unless this image is in the store with all it needs. */
  readonly requireImage: (digest: Digest) => void;
}

const MAX_HISTORY = 1000;

/** Tags, each change of which is one transaction with the event that records it. No event is ever rewritten. */
export class TagsTable implements Tags {
  readonly #options: TagsTableOptions;
  readonly #database: Database;

  constructor(options: TagsTableOptions) {
    this.#options = options;
    this.#database = options.database;
  }

  list(): readonly TagRow[] {
    return mappingDatabaseErrors('list the tags', () =>
      this.#database
        .prepare<[], TagRow>('SELECT name, digest, tagged_at AS taggedAt FROM tags ORDER BY name')
        .all(),
    );
  }

  get(reference: Reference): TagRow | undefined {
    return this.#find(tagName(reference));
  }

  #find(name: string): TagRow | undefined {
    return mappingDatabaseErrors('look up a tag', () =>
      this.#database
        .prepare<[string], TagRow>('SELECT name, digest, tagged_at AS taggedAt FROM tags WHERE name = ?')
        .get(name),
    );
  }

  move(moves: readonly { reference: Reference; digest: Digest }[], cause: TagCause): readonly TagEvent[] {
    return inTransaction(this.#database, 'move a tag', () =>
      moves.flatMap(({ reference, digest }) => {
        requireOwnDigest(reference, digest);
        const name = tagName(reference);
        const from = this.#find(name)?.digest;
        return from === digest ? [] : [this.#apply({ name, from, to: digest, cause })];
      }),
    );
  }

  remove(reference: Reference, cause: TagCause): TagEvent {
    const name = tagName(reference);
    return inTransaction(this.#database, 'remove a tag', () => {
      const from = this.#find(name)?.digest;
      if (from === undefined) throw new EngineError('NOT_FOUND', `there is no tag ${shown(reference)}`);
      return this.#apply({ name, from, to: undefined, cause });
    });
  }

  /**
   * Takes back the tag's last move that is still in effect, so undoing again goes one further back, until nothing is
   * left (NOT_FOUND). With `event` it takes back exactly that one, which must be the tag's last (CONFLICT
   * otherwise); when that was itself an undo, what it took back is in effect again.
   */
  undo(reference: Reference, event?: number): TagEvent {
    const name = tagName(reference);
    return inTransaction(this.#database, 'undo a move of a tag', () => {
      const undone =
        event === undefined ? this.#lastInEffect(name, reference) : this.#last(name, event, reference);
      const to = undone.from_digest ?? undefined;
      if (to !== undefined) this.#requireOlder(to, reference);
      const from = this.#find(name)?.digest;
      return this.#apply({ name, from, to, cause: 'undo', undoes: undone.id });
    });
  }

  #lastInEffect(name: string, reference: Reference): StoredEvent {
    const undone = new Set<number>();
    for (const event of this.#events(name)) {
      const isInEffect = !undone.has(event.id);
      if (isInEffect && event.cause !== 'undo') return event;
      if (isInEffect && event.undoes !== null) undone.add(event.undoes);
    }
    throw new EngineError('NOT_FOUND', `there is no move of the tag ${shown(reference)} left to undo`);
  }

  #last(name: string, id: number, reference: Reference): StoredEvent {
    const events = this.#events(name);
    const event = events.find((candidate) => candidate.id === id);
    if (event === undefined)
      throw new EngineError('NOT_FOUND', `the tag ${shown(reference)} has no move number ${id}`);
    if (event === events[0]) return event;
    throw new EngineError('CONFLICT', `the tag ${shown(reference)} has moved again since move number ${id}`, {
      hint: 'Undo the later moves first.',
    });
  }

  #requireOlder(digest: Digest, reference: Reference): void {
    try {
      this.#options.requireImage(digest);
    } catch (cause) {
      throw new EngineError('NOT_FOUND', `what ${shown(reference)} pointed at before is gone: ${digest}`, {
        hint: 'It was pruned. Pull or build it again.',
        cause,
      });
    }
  }

  history(reference?: Reference, limit = MAX_HISTORY): readonly TagEvent[] {
    const events = reference === undefined ? this.#allEvents(limit) : this.#events(tagName(reference), limit);
    return events.map(toTagEvent);
  }

  /** The history since an instant, for prune: what it names may still be undone to. */
  eventsSince(instant: string): readonly TagEvent[] {
    return this.#database
      .prepare<[string], StoredEvent>('SELECT * FROM tag_events WHERE at >= ? ORDER BY id DESC')
      .all(instant)
      .map(toTagEvent);
  }

  #events(name: string, limit = -1): readonly StoredEvent[] {
    return mappingDatabaseErrors("read a tag's history", () =>
      this.#database
        .prepare<[string, number], StoredEvent>(
          'SELECT * FROM tag_events WHERE name = ? ORDER BY id DESC LIMIT ?',
        )
        .all(name, limit),
    );
  }

  #allEvents(limit: number): readonly StoredEvent[] {
    return mappingDatabaseErrors("read the tags' history", () =>
      this.#database
        .prepare<[number], StoredEvent>('SELECT * FROM tag_events ORDER BY id DESC LIMIT ?')
        .all(limit),
    );
  }

  #apply(move: Move): TagEvent {
    const at = new Date(this.#options.now()).toISOString();
    if (move.to === undefined) this.#database.prepare('DELETE FROM tags WHERE name = ?').run(move.name);
    else {
      this.#options.requireImage(move.to);
      this.#database.prepare('INSERT OR REPLACE INTO tags VALUES (?, ?, ?)').run(move.name, move.to, at);
    }
    const event = this.#database
      .prepare<unknown[], StoredEvent>(
        `INSERT INTO tag_events (name, from_digest, to_digest, at, cause, undoes) VALUES (?, ?, ?, ?, ?, ?)
         RETURNING *`,
      )
      .get(move.name, move.from ?? null, move.to ?? null, at, move.cause, move.undoes ?? null);
    if (event === undefined) throw new EngineError('INTERNAL', 'the history of a tag was not written');
    this.#options.changed();
    return toTagEvent(event);
  }
}

function toTagEvent(event: StoredEvent): TagEvent {
  return {
    id: event.id,
    name: event.name,
    ...(event.from_digest === null ? {} : { from: event.from_digest }),
    ...(event.to_digest === null ? {} : { to: event.to_digest }),
    at: event.at,
    cause: event.cause,
  };
}

/**
 * A tag's complete name. A digest beside the tag says nothing about which tag is meant; without a tag it is the name:
 * what was pulled by digest is kept under it.
 */
function tagName(reference: Reference): string {
  return formatReference(reference.tag === undefined ? reference : { ...reference, digest: undefined });
}

function requireOwnDigest(reference: Reference, digest: Digest): void {
  if (reference.tag !== undefined || reference.digest === digest) return;
  throw new EngineError('INVALID_INPUT', `${familiarReference(reference)} cannot name ${digest}`);
}

function shown(reference: Reference): string {
  return familiarReference(reference.tag === undefined ? reference : { ...reference, digest: undefined });
}
