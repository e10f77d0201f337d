/** How a run of text looks: colours 0 to 15 by number (the theme decides), others as a CSS colour. */
export interface TextStyle {
  readonly foreground?: number | string;
  readonly background?: number | string;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly italic?: boolean;
  readonly underline?: boolean;
  readonly inverse?: boolean;
  /** A control character that would reorder the text, shown by its number instead. */
  readonly revealed?: boolean;
}

export interface TextSpan {
  readonly start: number;
  readonly end: number;
  readonly style: TextStyle;
}

/** One line of a program's output: text without control sequences, and where it is styled, in order. */
export interface TextLine {
  readonly text: string;
  readonly spans: readonly TextSpan[];
}

const PLAIN: TextStyle = {};
const NO_SPANS: readonly TextSpan[] = [];
const REVEALED: TextStyle = { revealed: true };

// Controls except tab, the C1 block, and what reorders or hides text (Unicode TR 9 and 36).
const SPECIAL =
  /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

const CSI = /^(?:\u001b\[|\u009b)([0-?]*)([ -/]*)([@-~])/;

const SHORT_ESCAPE = /^\u001b[ -/]*[0-OQ-WYZ\\`-~]/;

const STRING_START = /^(?:\u001b[P\]X^_]|[\u0090\u0098\u009d-\u009f])/;

const STRING_END = /\u0007|\u001b\\|\u009c/;
const LONGEST_SEQUENCE = 256;

/**
 * Turns a program's output, in any pieces, into lines as a terminal would leave them: carriage returns and backspaces
 * overwrite, colours become spans, every other control sequence is dropped and bidirectional controls are made visible.
 */
export class TerminalText {
  /** Finished lines; only ever appended to. */
  readonly lines: TextLine[] = [];
  #text = '';
  #spans: TextSpan[] = [];
  #cursor = 0;
  #style = PLAIN;
  #pending = '';
  #inString = false;
  #touched = false;

  /** The line that is being written, when there is one. */
  get openLine(): TextLine | undefined {
    return this.#touched ? { text: this.#text, spans: this.#spans } : undefined;
  }

  /** Lines to show, the open one included. */
  get count(): number {
    return this.lines.length + (this.#touched ? 1 : 0);
  }

  at(index: number): TextLine | undefined {
    return index < this.lines.length ? this.lines[index] : this.openLine;
  }

  write(chunk: string): void {
    const input = this.#pending + chunk;
    this.#pending = '';
    let from = 0;
    while (from < input.length) {
      from = this.#inString ? this.#skipString(input, from) : this.#writeRun(input, from);
    }
  }

  /** Takes printable text up to the next special character, then that one; answers where to go on. */
  #writeRun(input: string, from: number): number {
    SPECIAL.lastIndex = from;
    const match = SPECIAL.exec(input);
    const end = match === null ? input.length : match.index;
    if (end > from) this.#put(input.slice(from, end), this.#style);
    return match === null ? end : this.#special(input, end);
  }

  #special(input: string, at: number): number {
    const code = input.charCodeAt(at);
    if (code === 0x0a) this.#newLine();
    else if (code === 0x0d) this.#cursor = 0;
    else if (code === 0x08) this.#cursor = Math.max(0, this.#cursor - 1);
    else if (code === 0x1b || (code >= 0x80 && code <= 0x9f)) return this.#escape(input, at);
    else if (code >= 0x200b || code === 0x061c) this.#reveal(code);
    return at + 1;
  }

  #escape(input: string, at: number): number {
    const graphics = endOfGraphics(input, at);
    if (graphics !== -1) {
      this.#style = graphicsStyle(this.#style, input.slice(at + 2, graphics));
      return graphics + 1;
    }
    const rest = input.slice(at, at + LONGEST_SEQUENCE);
    const csi = CSI.exec(rest);
    if (csi !== null) {
      this.#control(csi[1] ?? '', csi[3] ?? '');
      return at + csi[0].length;
    }
    if (STRING_START.test(rest)) {
      this.#inString = true;
      return at + (rest.charCodeAt(0) === 0x1b ? 2 : 1);
    }
    const short = SHORT_ESCAPE.exec(rest);
    if (short !== null) return at + short[0].length;
    return this.#incomplete(input, at, rest);
  }

  /** A sequence cut off by the end of the piece waits for the rest; one that cannot be valid loses its first character. */
  #incomplete(input: string, at: number, rest: string): number {
    const mayGoOn = /^(?:\u001b|(?:\u001b\[|\u009b)[0-?]*[ -/]*|\u001b[ -/]+)$/.test(rest);
    if (!mayGoOn || rest.length >= LONGEST_SEQUENCE) return at + 1;
    this.#pending = rest;
    return input.length;
  }

  #skipString(input: string, from: number): number {
    const end = STRING_END.exec(input.slice(from));
    if (end !== null) {
      this.#inString = false;
      return from + end.index + end[0].length;
    }
    if (input.endsWith('\u001b')) this.#pending = '\u001b';
    return input.length;
  }

  #control(parameters: string, final: string): void {
    if (final === 'm') this.#style = graphicsStyle(this.#style, parameters);
    else if (final === 'K') this.#eraseInLine(parameters);
    else if (final === 'G') this.#cursor = Math.max(0, (Number(parameters) || 1) - 1);
    else if (final === 'D') this.#cursor = Math.max(0, this.#cursor - (Number(parameters) || 1));
    if (this.#cursor > this.#text.length) this.#cursor = this.#text.length;
  }

  #eraseInLine(parameters: string): void {
    if (parameters === '' || parameters === '0') this.#cut(this.#cursor);
    else if (parameters === '2') this.#cut(0);
  }

  #cut(length: number): void {
    this.#text = this.#text.slice(0, length);
    this.#spans = clipSpans(this.#spans, length, Infinity);
    this.#cursor = Math.min(this.#cursor, length);
  }

  #reveal(code: number): void {
    this.#put(`[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`, REVEALED);
  }

  #put(run: string, style: TextStyle): void {
    const start = this.#cursor;
    const end = start + run.length;
    if (start < this.#text.length) {
      this.#spans = clipSpans(this.#spans, start, end);
      this.#text = this.#text.slice(0, start) + run + this.#text.slice(end);
    } else {
      this.#text += run;
    }
    if (style !== PLAIN) this.#addSpan({ start, end, style });
    this.#cursor = end;
    this.#touched = true;
  }

  #addSpan(span: TextSpan): void {
    const last = this.#spans.at(-1);
    if (last !== undefined && last.end === span.start && last.style === span.style) {
      this.#spans[this.#spans.length - 1] = { ...last, end: span.end };
    } else {
      this.#spans.push(span);
      if (last !== undefined && last.end > span.start) this.#spans.sort((a, b) => a.start - b.start);
    }
  }

  #newLine(): void {
    this.lines.push({ text: this.#text, spans: this.#spans.length === 0 ? NO_SPANS : this.#spans });
    this.#text = '';
    this.#spans = [];
    this.#cursor = 0;
    this.#touched = false;
  }
}

/** The spans without what lies in [start, end). */
function clipSpans(spans: readonly TextSpan[], start: number, end: number): TextSpan[] {
  return spans.flatMap((span) => {
    const before = { ...span, end: Math.min(span.end, start) };
    const after = { ...span, start: Math.max(span.start, end) };
    return [before, after].filter((piece) => piece.start < piece.end);
  });
}

/** Where `ESC [ digits m`, by far the commonest sequence, ends; -1 when it is another one. */
function endOfGraphics(input: string, at: number): number {
  if (input.charCodeAt(at) !== 0x1b || input.charCodeAt(at + 1) !== 0x5b) return -1;
  for (let end = at + 2; end < Math.min(input.length, at + LONGEST_SEQUENCE); end++) {
    const code = input.charCodeAt(end);
    if (code === 0x6d) return end;
    if (code < 0x30 || code > 0x3b) return -1;
  }
  return -1;
}

const MOST_KNOWN = 4096;
const known = new Map<TextStyle, Map<string, TextStyle>>();

/** As `applyGraphics`, remembered: programs use few colours very often. */
function graphicsStyle(style: TextStyle, parameters: string): TextStyle {
  if (known.size > MOST_KNOWN) known.clear();
  const after = known.get(style) ?? new Map<string, TextStyle>();
  known.set(style, after);
  const found = after.get(parameters);
  if (found !== undefined) return found;
  const next = applyGraphics(style, parameters);
  if (after.size < MOST_KNOWN) after.set(parameters, next);
  return next;
}

/** Applies the parameters of one "select graphic rendition" sequence (ECMA-48, 8.3.117). */
function applyGraphics(style: TextStyle, parameters: string): TextStyle {
  const codes = parameters.split(/[;:]/).map(Number);
  let next: TextStyle = style;
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? 0;
    if (code === 38 || code === 48) {
      const extended = extendedColour(codes, i + 1);
      next = withColour(next, code === 38 ? 'foreground' : 'background', extended.colour);
      i += extended.used;
    } else {
      next = applyCode(next, code);
    }
  }
  return Object.keys(next).length === 0 ? PLAIN : next;
}

function applyCode(style: TextStyle, code: number): TextStyle {
  if (code >= 30 && code <= 37) return { ...style, foreground: code - 30 };
  if (code >= 90 && code <= 97) return { ...style, foreground: code - 90 + 8 };
  if (code >= 40 && code <= 47) return { ...style, background: code - 40 };
  if (code >= 100 && code <= 107) return { ...style, background: code - 100 + 8 };
  switch (code) {
    case 0:
      return PLAIN;
    case 1:
      return { ...style, bold: true };
    case 2:
      return { ...style, dim: true };
    case 3:
      return { ...style, italic: true };
    case 4:
      return { ...style, underline: true };
    case 7:
      return { ...style, inverse: true };
    case 22:
      return without(style, 'bold', 'dim');
    case 23:
      return without(style, 'italic');
    case 24:
      return without(style, 'underline');
    case 27:
      return without(style, 'inverse');
    case 39:
      return without(style, 'foreground');
    case 49:
      return without(style, 'background');
    default:
      return style;
  }
}

function without(style: TextStyle, ...keys: (keyof TextStyle)[]): TextStyle {
  return Object.fromEntries(Object.entries(style).filter(([key]) => !keys.some((gone) => gone === key)));
}

function withColour(
  style: TextStyle,
  which: 'foreground' | 'background',
  colour: number | string | undefined,
): TextStyle {
  return colour === undefined ? style : { ...style, [which]: colour };
}

/** `5;n` is one of 256 colours, `2;r;g;b` a direct one; answers how many codes it took. */
function extendedColour(codes: readonly number[], at: number): { colour?: number | string; used: number } {
  if (codes[at] === 5) return { ...paletteColour(codes[at + 1]), used: 2 };
  if (codes[at] !== 2) return { used: 0 };
  const [red, green, blue] = codes.slice(at + 1, at + 4).map((part) => Math.min(255, Math.max(0, part || 0)));
  if (red === undefined || green === undefined || blue === undefined) return { used: codes.length };
  return { colour: `rgb(${red} ${green} ${blue})`, used: 4 };
}

function paletteColour(index: number | undefined): { colour?: number | string } {
  if (index === undefined || !(index >= 0 && index <= 255)) return {};
  if (index < 16) return { colour: index };
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return { colour: `rgb(${grey} ${grey} ${grey})` };
  }
  const level = (part: number): number => (part === 0 ? 0 : 55 + part * 40);
  const cube = index - 16;
  return {
    colour: `rgb(${level(Math.floor(cube / 36))} ${level(Math.floor(cube / 6) % 6)} ${level(cube % 6)})`,
  };
}
