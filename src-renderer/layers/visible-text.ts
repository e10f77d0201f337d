// What would reorder, hide or ring: bidirectional controls, zero-width characters, and controls except tab.
const HIDDEN =
  /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** Text with every character that cannot be seen shown by its number. */
export function visibleText(text: string): string {
  return text.replace(HIDDEN, (hidden) => {
    const code = hidden.charCodeAt(0);
    return code < 0x20
      ? String.fromCharCode(0x2400 + code)
      : `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`;
  });
}
