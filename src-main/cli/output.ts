/** A stream that the command line writes to. */
export interface Output {
  readonly isTty: boolean;
  /** Whether the cursor can be moved: on a terminal that is not a dumb one. */
  readonly canRedraw: boolean;
  /** Whether colours of our own are wanted: https://no-color.org. */
  readonly hasColours: boolean;
  /** Width of the terminal; undefined when it is none. */
  columns(): number | undefined;
  /** Height of the terminal; undefined when it is none. */
  rows(): number | undefined;
  /** Writes without waiting, for what a person reads. */
  text(text: string): void;
  /** Writes a line without waiting. */
  line(line: string): void;
  /** Writes and waits until the reader keeps up, for what may be large. */
  bytes(chunk: Uint8Array | string): Promise<void>;
  /** Waits until all is written. */
  flush(): Promise<void>;
}

/**
 * Wraps a standard stream; `onLost` is called when nothing more can be written: EPIPE when the reader has gone away
 * (`varve cat … | head`).
 */
export function createOutput(
  stream: NodeJS.WriteStream,
  env: NodeJS.ProcessEnv,
  onLost: (error: NodeJS.ErrnoException) => void,
): Output {
  let gone = false;
  stream.on('error', (error) => {
    if (!gone) onLost(error);
    gone = true;
  });
  const canRedraw = stream.isTTY && env['TERM'] !== 'dumb';
  const text = (chunk: string) => {
    if (!gone) stream.write(chunk);
  };
  return {
    isTty: stream.isTTY,
    canRedraw,
    hasColours: canRedraw && !env['NO_COLOR'],
    columns: () => (stream.isTTY && stream.columns > 0 ? stream.columns : undefined),
    rows: () => (stream.isTTY && stream.rows > 0 ? stream.rows : undefined),
    text,
    line: (line) => text(`${line}\n`),
    bytes: async (chunk) => {
      if (gone || stream.write(chunk)) return;
      await drained(stream);
    },
    flush: () => new Promise((resolve) => (gone ? resolve() : stream.write('', () => resolve()))),
  };
}

/** Resolves when the stream takes more, or never will again: its own listener tells of the error. */
function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      for (const name of ['drain', 'close', 'error']) stream.off(name, end);
      resolve();
    };
    for (const name of ['drain', 'close', 'error']) stream.on(name, end);
  });
}
