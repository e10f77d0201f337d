/** As much of a file's beginning as is looked at. */
export const TEXT_SAMPLE_BYTES = 8192;

const MAX_CONTROL_SHARE = 0.02;

/**
 * Whether a file that begins so is text: UTF-8 without NUL and nearly without other control characters. The sample
 * may end within a character.
 */
export function isText(sample: Uint8Array): boolean {
  const head = sample.subarray(0, TEXT_SAMPLE_BYTES);
  let controls = 0;
  for (const byte of head) {
    if (byte === 0) return false;
    if (byte < 0x20 && !isTextControl(byte)) controls += 1;
  }
  return controls <= head.length * MAX_CONTROL_SHARE && isUtf8Start(head);
}

/** Tab, line feed, form feed, carriage return and escape (coloured text). */
function isTextControl(byte: number): boolean {
  return byte === 0x09 || byte === 0x0a || byte === 0x0c || byte === 0x0d || byte === 0x1b;
}

function isUtf8Start(head: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
}
