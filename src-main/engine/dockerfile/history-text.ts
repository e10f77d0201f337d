import { formatDuration } from './duration.ts';
import { quoteCode, quoteList } from './go-quote.ts';
import type { Healthcheck } from './instruction.ts';

/**
 * What an instruction leaves in an image's history (`created_by`), byte for byte as BuildKit writes it. All
 * values are expanded. ONBUILD and FROM leave nothing.
 */

const MARK = ' # buildkit';

interface Pair {
  readonly key: string;
  readonly value: string;
}

/** A build argument that a RUN could see; `value` is empty when it has none. */
export type BuildArgument = Pair;

/** `args` start with the shell in shell form; `buildArguments` in order of declaration, a name once. */
export function runHistory(args: readonly string[], buildArguments: readonly BuildArgument[]): string {
  const seen = buildArguments.map(({ key, value }) => `${key}=${value}`);
  const count = seen.length > 0 ? [`|${seen.length}`, ...seen] : [];
  return `RUN ${[...count, ...args].join(' ')}${MARK}`;
}

export interface CopyHistory {
  readonly keyword: 'COPY' | 'ADD';
  readonly parents?: boolean | undefined;
  readonly chown?: string | undefined;
  readonly chmod?: string | undefined;
  /** Sources that are paths or addresses. */
  readonly paths: readonly string[];
  /** The names of the here-documents, which come last. */
  readonly heredocs: readonly string[];
  readonly destination: string;
}

export function copyHistory(copy: CopyHistory): string {
  const words = [
    copy.keyword,
    ...(copy.parents ? ['--parents'] : []),
    ...(copy.chown ? [`--chown=${copy.chown}`] : []),
    ...(copy.chmod ? [`--chmod=${copy.chmod}`] : []),
    ...copy.paths,
    ...copy.heredocs.map((name) => `<<${name}`),
    copy.destination,
  ];
  return words.join(' ') + MARK;
}

function pairsHistory(keyword: string, pairs: readonly Pair[]): string {
  return [keyword, ...pairs.map(({ key, value }) => `${key}=${value}`)].join(' ');
}

export function envHistory(pairs: readonly Pair[]): string {
  return pairsHistory('ENV', pairs);
}

export function labelHistory(pairs: readonly Pair[]): string {
  return pairsHistory('LABEL', pairs);
}

export function argHistory(args: readonly { key: string; value: string | undefined }[]): string {
  return `ARG ${args.map(({ key, value }) => (value === undefined ? key : `${key}=${value}`)).join(' ')}`;
}

/** `path` is the absolute path that it results in. */
export function workdirHistory(path: string): string {
  return `WORKDIR ${path}`;
}

export function userHistory(user: string): string {
  return `USER ${user}`;
}

/** `ports` as `parseExpose` gives them. */
export function exposeHistory(ports: readonly string[]): string {
  return `EXPOSE [${ports.join(' ')}]`;
}

export function volumeHistory(paths: readonly string[]): string {
  return `VOLUME [${paths.join(' ')}]`;
}

/** `args` as in the config: in shell form the shell and the text. */
export function cmdHistory(args: readonly string[]): string {
  return `CMD ${quoteList(args)}`;
}

export function entrypointHistory(args: readonly string[]): string {
  return `ENTRYPOINT ${quoteList(args)}`;
}

export function shellHistory(shell: readonly string[]): string {
  return `SHELL [${shell.join(' ')}]`;
}

export function stopsignalHistory(signal: string): string {
  return `STOPSIGNAL ${signal}`;
}

export function maintainerHistory(name: string): string {
  return `MAINTAINER ${name}`;
}

export function healthcheckHistory(check: Healthcheck): string {
  const times = [check.intervalNs, check.timeoutNs, check.startPeriodNs, check.startIntervalNs];
  const quoted = times.map((time) => `"${formatDuration(time)}"`).join(' ');
  return `HEALTHCHECK &{${quoteList(check.test)} ${quoted} ${quoteCode(check.retries)}}`;
}
