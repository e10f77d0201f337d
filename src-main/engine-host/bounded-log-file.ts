import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { redactSecrets } from '../engine/engine.ts';

export interface BoundedLogFile {
  /** Appends one line. A full disk loses the line, never the process. */
  write(line: string): void;
}

/**
 * A log that takes at most twice `maxBytes`: the file at `path`, and the one before it at `path.1`. Where it cannot
 * be opened (no space, no access) the lines go to stderr.
 */
export function openBoundedLogFile(path: string, maxBytes: number): BoundedLogFile {
  try {
    return openFile(path, maxBytes);
  } catch (error) {
    process.stderr.write(`varve: the log file cannot be opened: ${String(error)}\n`);
    return { write: (line) => void process.stderr.write(redactSecrets(line)) };
  }
}

function openFile(path: string, maxBytes: number): BoundedLogFile {
  mkdirSync(dirname(path), { recursive: true });
  let file = openSync(path, 'a', 0o600);
  let size = fstatSync(file).size;
  const rotate = (): void => {
    closeSync(file);
    renameSync(path, `${path}.1`);
    file = openSync(path, 'a', 0o600);
    size = 0;
  };
  const append = (line: string): void => {
    if (size > 0 && size + Buffer.byteLength(line) > maxBytes) rotate();
    size += writeSync(file, line);
  };
  return {
    write: (line) => {
      try {
        append(redactSecrets(line));
      } catch (error) {
        process.stderr.write(`varve: the log file cannot be written: ${String(error)}\n`);
      }
    },
  };
}
