/**
 * The schema of varve.db as the steps that lead to it: entry n takes version n to n + 1. Released entries never
 * change; a new version appends one.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE blobs (
    digest TEXT PRIMARY KEY,
    size_bytes INTEGER NOT NULL,
    mtime_ms INTEGER NOT NULL,
    verified_at TEXT NOT NULL,
    is_broken INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE images (
    digest TEXT PRIMARY KEY,
    media_type TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    added_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE tags (
    name TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    tagged_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE tag_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    from_digest TEXT,
    to_digest TEXT,
    at TEXT NOT NULL,
    cause TEXT NOT NULL,
    undoes INTEGER REFERENCES tag_events (id)
  ) STRICT;
  CREATE INDEX tag_events_by_name ON tag_events (name, id);
  CREATE INDEX tag_events_by_time ON tag_events (at);

  CREATE TABLE changes (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    count INTEGER NOT NULL
  ) STRICT;
  INSERT INTO changes VALUES (1, 0);
  `,
  `
  CREATE TABLE referrers (
    subject TEXT NOT NULL,
    digest TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    tag TEXT,
    PRIMARY KEY (subject, digest)
  ) STRICT, WITHOUT ROWID;
  `,
];
