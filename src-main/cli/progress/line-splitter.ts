import { cleanLine } from '../format/clean-text.ts';

const LONGEST = 64 * 1024;

/** Cuts a program's output into clean lines; a carriage return starts its line anew, as on a terminal. */
export interface LineSplitter {
  /** The lines that `text` completes. */
  push(text: string): string[];
  /** The line that was begun, if there is one. */
  flush(): string[];
}

export function createLineSplitter(): LineSplitter {
  let open = '';
  return {
    push: (text) => {
      const parts = `${open}${text}`.split('\n');
      open = parts.pop() ?? '';
      if (open.length > LONGEST) parts.push(takeOpen());
      return parts.map((part) => cleanLine(lastWritten(part)));
    },
    flush: () => (open === '' ? [] : [cleanLine(lastWritten(takeOpen()))]),
  };
  function takeOpen(): string {
    const line = open;
    open = '';
    return line;
  }
}

/** What a terminal would show of a line whose program went back to its beginning. */
function lastWritten(line: string): string {
  const shown = line.replace(/\r+$/, '');
  return shown.slice(shown.lastIndexOf('\r') + 1);
}
