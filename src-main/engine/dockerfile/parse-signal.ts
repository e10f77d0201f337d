import type { EngineError, SourceLocation } from '../../contract/errors.ts';
import { didYouMean } from './did-you-mean.ts';
import { dockerfileError } from './dockerfile-error.ts';

/** Linux's signals by name without `SIG`, with the other names that they go by. */
const SIGNALS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    HUP: 1,
    INT: 2,
    QUIT: 3,
    ILL: 4,
    TRAP: 5,
    ABRT: 6,
    IOT: 6,
    BUS: 7,
    FPE: 8,
    KILL: 9,
    USR1: 10,
    SEGV: 11,
    USR2: 12,
    PIPE: 13,
    ALRM: 14,
    TERM: 15,
    STKFLT: 16,
    CHLD: 17,
    CLD: 17,
    CONT: 18,
    STOP: 19,
    TSTP: 20,
    TTIN: 21,
    TTOU: 22,
    URG: 23,
    XCPU: 24,
    XFSZ: 25,
    VTALRM: 26,
    PROF: 27,
    WINCH: 28,
    IO: 29,
    POLL: 29,
    PWR: 30,
    SYS: 31,
  }),
);
/** No integer of 64 bits is that large. */
const TOO_LARGE = 2 ** 63;
const FIRST_REAL_TIME = 34;
const LAST_REAL_TIME = 64;
/** `RTMIN+n` and `RTMAX-n` are named up to the middle of the range. */
const MAX_ABOVE = 15;
const MAX_BELOW = 14;

function parseRealTime(name: string): number | undefined {
  const [, end, sign, offsetText] = /^(RTMIN|RTMAX)(?:([+-])([1-9]\d?))?$/.exec(name) ?? [];
  if (end === undefined) return undefined;
  const offset = Number(offsetText ?? 0);
  if (end === 'RTMIN') return sign === '-' || offset > MAX_ABOVE ? undefined : FIRST_REAL_TIME + offset;
  return sign === '+' || offset > MAX_BELOW ? undefined : LAST_REAL_TIME - offset;
}

/** The number of `SIGTERM`, `term`, `15` or `SIGRTMIN+3`; undefined for anything else. */
export function parseSignal(text: string): number | undefined {
  if (/^[+-]?\d+$/.test(text)) {
    const number = Number(text);
    return number === 0 || Math.abs(number) >= TOO_LARGE ? undefined : number;
  }
  const name = text.toUpperCase().replace(/^SIG/, '');
  return SIGNALS.get(name) ?? parseRealTime(name);
}

const NAMES: readonly string[] = Array.from(SIGNALS.keys(), (name) => `SIG${name}`);

/** The error for a text that is no signal. */
export function signalError(text: string, location: SourceLocation): EngineError {
  const upper = text.toUpperCase();
  const name = upper.startsWith('SIG') ? upper : `SIG${upper}`;
  const help = didYouMean(name, NAMES, location, 'Write a name like SIGTERM, or a number.');
  return dockerfileError(`invalid signal: ${text}`, location, help);
}
