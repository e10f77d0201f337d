import type { z } from 'zod';
import { parseJson } from '../parse-json.ts';
import type { Store } from './store.ts';

/** Keeps a value as JSON. */
export function putJsonRecord(store: Store, kind: string, key: string, value: unknown): void {
  store.records.put(kind, key, Buffer.from(JSON.stringify(value)));
}

/** Undefined when there is none, also when it is damaged or of an older form: records can be made again (R5). */
export function getJsonRecord<T>(
  store: Store,
  kind: string,
  key: string,
  schema: z.ZodType<T>,
): T | undefined {
  const bytes = store.records.get(kind, key);
  return bytes === undefined ? undefined : schema.safeParse(parseJson(Buffer.from(bytes).toString())).data;
}
