import { createLineSplitter } from './line-splitter.ts';
import type { BuildProgress } from './build-progress.ts';

const LAST_LINES = 20;

/** Says nothing, but when the build fails the last lines of what was running. */
export function createQuietProgress(write: (line: string) => void): BuildProgress {
  let lines: string[] = [];
  let splitter = createLineSplitter();
  return {
    show: (event) => {
      if (event.type === 'step-start') {
        lines = [];
        splitter = createLineSplitter();
      }
      if (event.type === 'step-output') lines = [...lines, ...splitter.push(event.text)].slice(-LAST_LINES);
    },
    end: (failed) => {
      if (failed) [...lines, ...splitter.flush()].forEach(write);
    },
  };
}
