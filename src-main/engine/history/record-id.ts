import { randomInt } from 'node:crypto';
import { buildIdSchema } from '../../contract/build-records-api.ts';

const TIME_DIGITS = 9;
const RANDOM_DIGITS = 7;

/** A new id: its beginning is the time, so that names sort as builds began. */
export function createRecordId(nowMs: number): string {
  const time = nowMs.toString(36).padStart(TIME_DIGITS, '0').slice(-TIME_DIGITS);
  const random = Array.from({ length: RANDOM_DIGITS }, () => randomInt(36).toString(36));
  return time + random.join('');
}

const SUFFIX = '.jsonl';

/** Only a parsed id may come here (S7). */
export function recordName(id: string): string {
  return id + SUFFIX;
}

/** The id in a file's name, or undefined for any other file. */
export function idOfName(name: string): string | undefined {
  const id = name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : '';
  return buildIdSchema.safeParse(id).success ? id : undefined;
}
