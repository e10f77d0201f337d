import { ulimitSchema, type Ulimit } from '../../contract/builds-api.ts';
import { EngineError } from '../../contract/errors.ts';
import { badOption, splitPair } from './parse-fields.ts';

const NAMES = ulimitSchema.shape.name.options;

/** docker's `name=soft[:hard]`: one number is both, and the hard limit is never below the soft one. */
export function parseUlimit(text: string): Ulimit {
  const [given, limits = ''] = splitPair(text);
  const name = NAMES.find((each) => each === given);
  if (name === undefined) throw unknownLimit(given);
  const [soft, hard = soft] = limits.split(':').map(parseLimit);
  if (soft === undefined || hard === undefined || limits.split(':').length > 2) {
    throw badOption('--ulimit', text, 'NAME=SOFT[:HARD], where -1 is no limit');
  }
  if (hard !== -1 && (soft === -1 || soft > hard)) {
    throw new EngineError('INVALID_INPUT', `--ulimit ${text}: the soft limit is above the hard one`, {
      hint: `Write the smaller number first: ${name}=${hard}:${soft}.`,
    });
  }
  return { name, soft, hard };
}

function unknownLimit(name: string): EngineError {
  return new EngineError('INVALID_INPUT', `--ulimit: there is no limit ${JSON.stringify(name)}`, {
    hint: `It is one of ${NAMES.join(', ')}.`,
  });
}

function parseLimit(text: string): number | undefined {
  return /^(?:-1|\d{1,15})$/.test(text) ? Number(text) : undefined;
}

const UNITS = ['', 'k', 'm', 'g', 't', 'p'];

/** docker's sizes: powers of 1024, with or without a b at the end. */
export function parseShmSize(text: string): number {
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?) ?([kmgtp]?)(?:i?b)?$/i.exec(text) ?? [];
  const bytes = Math.trunc(Number(amount) * 1024 ** UNITS.indexOf(unit.toLowerCase()));
  if (amount === '' || bytes <= 0 || !Number.isSafeInteger(bytes)) {
    throw badOption('--shm-size', text, 'a size above zero, as 128m, 1g, or a number of bytes');
  }
  return bytes;
}
