/** The first byte at which two contents differ, and what is around it in each. */
export interface ContentDifference {
  readonly offset: number;
  readonly before: string;
  readonly after: string;
}

const AROUND_BYTES = 24;

/** Reads both side by side up to the first difference and a little further; undefined when they are the same. */
export async function compareContent(
  ours: AsyncIterable<Uint8Array>,
  theirs: AsyncIterable<Uint8Array>,
): Promise<ContentDifference | undefined> {
  const [a, b] = [new Window(ours), new Window(theirs)];
  try {
    for (;;) {
      const length = Math.min(await a.fill(), await b.fill());
      const at = firstDifference(a.bytes, b.bytes, length);
      if (at < length || length === 0) return await describe(a, b, at);
      a.pass(length);
      b.pass(length);
    }
  } finally {
    await Promise.all([a.close(), b.close()]);
  }
}

async function describe(a: Window, b: Window, at: number): Promise<ContentDifference | undefined> {
  await Promise.all([a.fill(at + AROUND_BYTES), b.fill(at + AROUND_BYTES)]);
  if (a.bytes.length === 0 && b.bytes.length === 0) return undefined;
  return { offset: a.passed + at, before: around(a, at), after: around(b, at) };
}

function around({ before, bytes }: Window, at: number): string {
  const whole = Buffer.concat([before, bytes]);
  const middle = before.length + at;
  return show(whole.subarray(Math.max(0, middle - AROUND_BYTES), middle + AROUND_BYTES));
}

/** Text as JSON writes it, other bytes in hexadecimal. */
function show(bytes: Uint8Array): string {
  const isText = bytes.every((byte) => byte === 9 || byte === 10 || (byte >= 32 && byte < 127));
  return isText ? JSON.stringify(Buffer.from(bytes).toString('latin1')) : Buffer.from(bytes).toString('hex');
}

function firstDifference(a: Uint8Array, b: Uint8Array, length: number): number {
  if (Buffer.compare(a.subarray(0, length), b.subarray(0, length)) === 0) return length;
  for (let at = 0; at < length; at += 1) if (a[at] !== b[at]) return at;
  return length;
}

/** A stream as what of it is at hand, with the end of what has passed. */
class Window {
  bytes: Buffer = Buffer.alloc(0);
  before: Buffer = Buffer.alloc(0);
  passed = 0;
  private readonly source: AsyncIterator<Uint8Array>;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.source = source[Symbol.asyncIterator]();
  }

  /** Reads until so many bytes are at hand, or to the end; answers how many there are. */
  async fill(least = 1): Promise<number> {
    while (this.bytes.length < least) {
      const next = await this.source.next();
      if (next.done === true) break;
      this.bytes = Buffer.concat([this.bytes, next.value]);
    }
    return this.bytes.length;
  }

  pass(length: number): void {
    this.before = Buffer.concat([this.before, this.bytes.subarray(0, length)]).subarray(-AROUND_BYTES);
    this.bytes = this.bytes.subarray(length);
    this.passed += length;
  }

  async close(): Promise<void> {
    await this.source.return?.();
  }
}
