import { EngineError } from '../../contract/errors.ts';

const FIELD = /"(?:[^"]|"")*"|[^,]+/g;

/** The fields of `type=oci,dest=a.tar`; a field with a comma is quoted. A field without `=` has an empty value. */
export function parseFields(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const [found] of text.matchAll(FIELD)) {
    const field = found.startsWith('"') ? found.slice(1, -1).replaceAll('""', '"') : found;
    const [name, value] = splitPair(field);
    fields.set(name.trim().toLowerCase(), value ?? '');
  }
  return fields;
}

/** `NAME=VALUE` in two; the value is undefined when there is no `=`. */
export function splitPair(text: string): [name: string, value: string | undefined] {
  const at = text.indexOf('=');
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** INVALID_INPUT for an option that has the wrong form, with the right one. */
export function badOption(option: string, value: string, form: string): EngineError {
  return new EngineError('INVALID_INPUT', `${option} ${value}: this is not of the form ${form}`);
}
