const SEQUENCE =
  /\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[PX^_][^\x1b]*(?:\x1b\\)?|\x1b[ -/]*[0-~]?/g;
const COLOUR = /^\x1b\[[0-9;:]*m$/;
const OTHER_CONTROL = /[\x00-\x08\x0a-\x1a\x1c-\x1f\x7f-\x9f]/g;
const BIDIRECTIONAL = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const UNSEEN = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;
const RESET = '\x1b[0m';

/**
 * A line of a program's output that cannot harm the terminal that it is shown on (RULES, S15): colours stay and are
 * ended with the line, every other control sequence goes, bidirectional controls become visible.
 */
export function cleanLine(line: string): string {
  let coloured = false;
  const kept = line.replace(SEQUENCE, (sequence) => {
    if (!COLOUR.test(sequence)) return '';
    coloured = true;
    return sequence;
  });
  return `${cleanText(kept, coloured)}${coloured ? RESET : ''}`;
}

/** One line of text from an image, an archive or a Dockerfile without anything that a terminal would act on. */
export function cleanText(text: string, colours = false): string {
  const kept = colours ? text : text.replaceAll('\x1b', '');
  return kept.replace(OTHER_CONTROL, '').replace(BIDIRECTIONAL, visible);
}

/** Text of a file with every character that is not to be seen or that a terminal would act on as its number. */
export function visibleText(text: string): string {
  return text.replace(UNSEEN, visible);
}

function visible(character: string): string {
  return `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`;
}
