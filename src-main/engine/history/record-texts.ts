import type { BuildRequest } from '../../contract/builds-api.ts';
import { readLines } from './read-lines.ts';
import { isOutputLine, parseHead, parseLine, parseOutputLine, type RecordLine } from './record-lines.ts';

/** No text that is searched for is longer. */
export const MOST_SEARCHED = 1000;

/**
 * Everything of a record that a search looks at, in small letters: arguments, labels, the Dockerfile, reasons,
 * warnings and what was printed. What a step printed comes in pieces that overlap, so that a text stands whole in one
 * of them wherever the output was cut.
 */
export async function* recordTexts(path: string): AsyncGenerator<string, void, undefined> {
  /** What each step printed last, back to its last line's beginning. */
  const open = new Map<string, string>();
  let isHead = true;
  for await (const { text } of readLines(path)) {
    if (isHead) {
      const head = parseHead(text);
      if (typeof head === 'object') for (const input of inputsOf(head.request)) yield input.toLowerCase();
      isHead = false;
    } else if (isOutputLine(text)) {
      const printed = parseOutputLine(text);
      if (printed === undefined) continue;
      const whole = (open.get(printed.step) ?? '') + plainText(printed.text).toLowerCase();
      open.set(
        printed.step,
        whole.slice(Math.max(whole.lastIndexOf('\n') + 1, whole.length - MOST_SEARCHED)),
      );
      yield whole;
    } else {
      const line = parseLine(text);
      if (line !== undefined) for (const said of textsOf(line)) yield said.toLowerCase();
    }
  }
}

function inputsOf({ dockerfile, buildArgs, labels, buildContexts }: BuildRequest): string[] {
  const pairs = [buildArgs, labels, buildContexts].flatMap((named) => Object.entries(named));
  return [dockerfile ?? '', ...pairs.map(([name, value]) => `${name}=${value}`)];
}

function textsOf(line: RecordLine): string[] {
  if (line.type === 'dockerfile') return [line.path, line.text];
  if (line.type === 'end')
    return [line.result?.imageId ?? '', line.error?.excerpt ?? '', line.error?.hint ?? ''];
  if (line.type !== 'event') return [];
  const { event } = line;
  if (event.type === 'step-end') return [event.reason?.text ?? ''];
  return event.type === 'warning' ? [event.warning.rule, event.warning.message] : [];
}

const CONTROL_SEQUENCES = /\u001b\[[0-9;?]*[ -/]*[@-~]/g;

/** Without colours, which would stand between the letters of a word. */
function plainText(text: string): string {
  return text.includes('\u001b') ? text.replace(CONTROL_SEQUENCES, '') : text;
}
