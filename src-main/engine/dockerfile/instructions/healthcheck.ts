import { commandLine, missingArgument } from '../arguments.ts';
import { dockerfileError } from '../dockerfile-error.ts';
import { likelyDuration, parseDuration } from '../duration.ts';
import { didYouMean, suggest } from '../did-you-mean.ts';
import type { Flag, Healthcheck, HealthcheckInstruction } from '../instruction.ts';
import { readFlags } from '../read-flags.ts';
import { locateSpan, spanText } from '../statement.ts';
import type { Span, Statement } from '../statement.ts';
import { isAsciiSpace, skipSpace } from '../white-space.ts';

const MINIMUM_NS = 1_000_000n;
const MAX_RETRIES = 2 ** 31 - 1;
const NONE: Healthcheck = {
  test: ['NONE'],
  intervalNs: 0n,
  timeoutNs: 0n,
  startPeriodNs: 0n,
  startIntervalNs: 0n,
  retries: 0,
};

function parseInterval(flag: Flag | undefined): bigint {
  if (flag?.value === undefined || flag.value === '') return 0n;
  const duration = parseDuration(flag.value);
  if (duration === undefined) {
    const likely = likelyDuration(flag.value);
    const help =
      likely === undefined
        ? 'Write a number with a unit: 500ms, 30s, 1m30s, 2h.'
        : suggest(likely, flag.valueLocation);
    throw dockerfileError(`invalid duration ${flag.value} for --${flag.name}`, flag.valueLocation, help);
  }
  if (duration !== 0n && duration < MINIMUM_NS) {
    const hint = 'Leave it out, or write 0s, for the default.';
    throw dockerfileError(`--${flag.name} cannot be less than 1ms`, flag.valueLocation, hint);
  }
  return duration;
}

function parseRetries(flag: Flag | undefined): number {
  if (flag?.value === undefined || flag.value === '') return 0;
  const retries = /^[+-]?\d+$/.test(flag.value) ? Number(flag.value) : NaN;
  const hint = 'Write how many failures in a row are too many, for example 3.';
  if (retries < 0) {
    throw dockerfileError(`--retries cannot be negative (${flag.value})`, flag.valueLocation, hint);
  }
  if (!(retries <= MAX_RETRIES)) {
    throw dockerfileError(`--retries must be a whole number, not ${flag.value}`, flag.valueLocation, hint);
  }
  return retries;
}

function parseTest(args: Span, statement: Statement): readonly string[] {
  const command = commandLine(args);
  const words = command.form === 'exec' ? command.args : [command.text].filter((text) => text !== '');
  if (words.length === 0) {
    const location = locateSpan(statement.args);
    throw dockerfileError(
      'HEALTHCHECK CMD is missing its command',
      location,
      'Write HEALTHCHECK CMD command.',
    );
  }
  return [command.form === 'exec' ? 'CMD' : 'CMD-SHELL', ...words];
}

/** The first word (CMD or NONE) and the rest. */
function splitType(args: Span): { type: string; rest: Span } {
  const text = spanText(args);
  let end = 0;
  while (end < text.length && !isAsciiSpace(text.charAt(end))) end += 1;
  const rest = { ...args, start: args.start + skipSpace(text, end, isAsciiSpace) };
  return { type: text.slice(0, end), rest };
}

function parseNone(statement: Statement, rest: Span): Healthcheck {
  if (rest.start === rest.end) return NONE;
  throw dockerfileError('HEALTHCHECK NONE takes no arguments', locateSpan(rest), 'Remove what follows NONE.');
}

export function parseHealthcheck(statement: Statement): HealthcheckInstruction {
  const { type, rest } = splitType(statement.args);
  const hint = 'Write HEALTHCHECK CMD command, or HEALTHCHECK NONE.';
  if (type === '') throw missingArgument(statement, 'at least one argument', hint);
  if (type.toUpperCase() === 'NONE') {
    return { ...statement.base, kind: 'healthcheck', healthcheck: parseNone(statement, rest) };
  }
  const flags = readFlags(statement, {
    interval: 'text',
    timeout: 'text',
    'start-period': 'text',
    'start-interval': 'text',
    retries: 'text',
  });
  if (type.toUpperCase() !== 'CMD') {
    const location = locateSpan(statement.args, 0, type.length);
    const help = didYouMean(type.toUpperCase(), ['CMD', 'NONE'], location, hint);
    throw dockerfileError(`unknown type ${type} in HEALTHCHECK`, location, help);
  }
  const healthcheck = {
    test: parseTest(rest, statement),
    intervalNs: parseInterval(flags.interval),
    timeoutNs: parseInterval(flags.timeout),
    startPeriodNs: parseInterval(flags['start-period']),
    startIntervalNs: parseInterval(flags['start-interval']),
    retries: parseRetries(flags.retries),
  };
  return { ...statement.base, kind: 'healthcheck', healthcheck };
}
