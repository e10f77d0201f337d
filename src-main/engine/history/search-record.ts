import type { BuildSummary } from '../../contract/build-records-api.ts';
import type { BuildRequest } from '../../contract/builds-api.ts';
import { readLines } from './read-lines.ts';
import { parseHead, parseLine, type RecordLine } from './record-lines.ts';

/** Whether a build has this text, in any case, in its tags, paths, arguments, Dockerfile, failure or log. */
export async function matchesRecord(path: string, summary: BuildSummary, wanted: string): Promise<boolean> {
  const needle = wanted.toLowerCase();
  if (includes(wordsOf(summary), needle)) return true;
  /** What each step printed last, back to its last line's beginning: output is not cut at lines. */
  const open = new Map<string, string>();
  let isHead = true;
  for await (const { text } of readLines(path)) {
    if (isHead) {
      const head = parseHead(text);
      if (typeof head === 'object' && includes(inputsOf(head.request), needle)) return true;
      isHead = false;
      continue;
    }
    const line = parseLine(text);
    if (line !== undefined && matchesLine(line, needle, open)) return true;
  }
  return false;
}

function wordsOf({ id, name, tags, context, target, digest, failure }: BuildSummary): string[] {
  return [id, name, ...tags, context, target ?? '', digest ?? '', failure ?? ''];
}

function inputsOf({ dockerfile, buildArgs, labels, buildContexts }: BuildRequest): string[] {
  const pairs = [buildArgs, labels, buildContexts].flatMap((named) => Object.entries(named));
  return [dockerfile ?? '', ...pairs.map(([name, value]) => `${name}=${value}`)];
}

function matchesLine(line: RecordLine, needle: string, open: Map<string, string>): boolean {
  if (line.type === 'dockerfile') return includes([line.path, line.text], needle);
  if (line.type !== 'event') return false;
  const { event } = line;
  switch (event.type) {
    case 'step-output': {
      const text = (open.get(event.step) ?? '') + plainText(event.text);
      open.set(event.step, text.slice(text.lastIndexOf('\n') + 1));
      return includes([text], needle);
    }
    case 'step-end':
      return includes([event.reason?.text ?? ''], needle);
    case 'warning':
      return includes([event.warning.rule, event.warning.message], needle);
    default:
      return false;
  }
}

const CONTROL_SEQUENCES = /\u001b\[[0-9;?]*[ -/]*[@-~]/g;

/** Without colours, which would stand between the letters of a word. */
function plainText(text: string): string {
  return text.includes('\u001b') ? text.replace(CONTROL_SEQUENCES, '') : text;
}

function includes(texts: readonly string[], needle: string): boolean {
  return texts.some((text) => text.toLowerCase().includes(needle));
}
