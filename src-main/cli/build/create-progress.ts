import type { Output } from '../output.ts';
import type { BuildProgress } from '../progress/build-progress.ts';
import { createExplainProgress } from '../progress/explain-progress.ts';
import { createJsonProgress } from '../progress/json-progress.ts';
import { createLiveProgress } from '../progress/live-progress.ts';
import { createPlainProgress } from '../progress/plain-progress.ts';
import { createQuietProgress } from '../progress/quiet-progress.ts';
import type { BuildOptions } from './build-options.ts';

/** The progress that was asked for; the live one only where there is a terminal to draw on. */
export function createProgress(options: BuildOptions, out: Output, err: Output): BuildProgress {
  if (options.explain === true) return createExplainProgress(out, options.format ?? 'text');
  const write = (line: string) => err.line(line);
  if (options.quiet || options.progress === 'quiet') return createQuietProgress();
  if (options.progress === 'json' || options.progress === 'rawjson') return createJsonProgress(write);
  const live = err.canRedraw && options.progress !== 'plain';
  return live ? createLiveProgress(err, Date.now) : createPlainProgress(write, Date.now);
}
