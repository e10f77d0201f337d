import type { FileRow } from '../../src-main/contract/files-api.ts';
import { toFailure, type Failure } from './failure.ts';

export interface Piece {
  readonly base64: string;
  readonly sizeBytes: number;
  readonly isText: boolean;
}

/** Answers a piece of the file; rejects when the signal fires. */
export type ReadPiece = (offset: number, length: number, signal: AbortSignal) => Promise<Piece>;

export type PreviewMode = 'text' | 'hex';

const PIECE = 65_536;
const ROW = 16;
const LONGEST_LINE = 2_000;

/** One file's content, read as it comes into sight: as lines of text, or as rows of sixteen bytes. */
export class FilePreview {
  readonly file: FileRow;
  version = $state(0);
  mode = $state<PreviewMode>('text');
  sizeBytes = $state<number>();
  isText = $state(true);
  failure = $state.raw<Failure>();
  readonly #read: ReadPiece;
  readonly #controller = new AbortController();
  readonly #pieces = new Map<number, Uint8Array>();
  readonly #asked = new Set<number>();
  readonly #lines: string[] = [];
  #decoder = new TextDecoder();
  #rest = '';
  #decoded = 0;

  constructor(file: FileRow, read: ReadPiece) {
    this.file = file;
    this.#read = read;
  }

  /** Reads the first piece and takes text or hex by what it holds. */
  async open(): Promise<void> {
    await this.#ask(0);
    if (!this.isText) this.mode = 'hex';
  }

  close(): void {
    this.#controller.abort();
  }

  /** Lines decoded so far, the unfinished one included. */
  get lineCount(): number {
    void this.version;
    return this.#lines.length + (this.#rest === '' ? 0 : 1);
  }

  get isComplete(): boolean {
    void this.version;
    return this.sizeBytes !== undefined && this.#decoded >= this.sizeBytes;
  }

  /** A line of text, from 0; reading goes on when the end of what is there comes near. */
  lineAt(index: number): string {
    void this.version;
    if (index >= this.lineCount - 200 && !this.isComplete) void this.#ask(this.#decoded);
    return this.#lines[index] ?? this.#rest;
  }

  get hexRowCount(): number {
    return Math.ceil((this.sizeBytes ?? 0) / ROW);
  }

  /** The bytes of a hex row, from 0; undefined while they are being read. */
  hexRowAt(index: number): Uint8Array | undefined {
    void this.version;
    const offset = index * ROW;
    const start = Math.floor(offset / PIECE) * PIECE;
    const piece = this.#pieces.get(start);
    if (piece === undefined) void this.#ask(start);
    return piece?.subarray(offset - start, offset - start + ROW);
  }

  async #ask(offset: number): Promise<void> {
    if (this.#asked.has(offset)) return;
    this.#asked.add(offset);
    const { signal } = this.#controller;
    try {
      const piece = await this.#read(offset, PIECE, signal);
      if (!signal.aborted) this.#take(offset, piece);
    } catch (error) {
      if (!signal.aborted) this.failure = toFailure(error);
    }
  }

  #take(offset: number, piece: Piece): void {
    const bytes = Uint8Array.from(atob(piece.base64), (letter) => letter.charCodeAt(0));
    this.#pieces.set(offset, bytes);
    this.sizeBytes = piece.sizeBytes;
    if (offset === 0) this.isText = piece.isText;
    this.#decodeOn();
    this.version++;
  }

  /** Decodes the pieces that follow on what is decoded already. */
  #decodeOn(): void {
    for (;;) {
      const piece = this.#pieces.get(this.#decoded);
      if (piece === undefined || piece.length === 0) return;
      this.#decoded += piece.length;
      const last = this.#decoded >= (this.sizeBytes ?? 0);
      this.#addText(this.#decoder.decode(piece, { stream: !last }));
    }
  }

  #addText(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#addLine(line.endsWith('\r') ? line.slice(0, -1) : line);
    while (this.#rest.length > LONGEST_LINE) {
      this.#lines.push(this.#rest.slice(0, LONGEST_LINE));
      this.#rest = this.#rest.slice(LONGEST_LINE);
    }
  }

  /** Very long lines are broken so that one row never holds a whole file. */
  #addLine(line: string): void {
    if (line.length <= LONGEST_LINE) this.#lines.push(line);
    else
      for (let at = 0; at < line.length; at += LONGEST_LINE)
        this.#lines.push(line.slice(at, at + LONGEST_LINE));
  }
}
