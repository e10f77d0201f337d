import { EngineError } from '../../contract/errors.ts';
import { formatGoValue } from './go-value.ts';

const ACTION = /\{\{-?\s*(json\s+)?(\.[\w.]*)\s*-?\}\}/g;

/**
 * Fills a template such as `{{.Repository}}:{{.Tag}}` or `{{json .Config}}`: the part of Go's templates that scripts
 * use. INVALID_INPUT for anything beyond that, and for a field that is not there.
 */
export function fillTemplate(template: string, value: unknown): string {
  const filled = unescape(template).replace(ACTION, (_all, json: string | undefined, path: string) => {
    const field = readField(value, path);
    return json === undefined ? formatGoValue(field) : JSON.stringify(field ?? null);
  });
  if (!filled.includes('{{')) return filled;
  throw new EngineError('INVALID_INPUT', `the template ${JSON.stringify(template)} has more than fields`, {
    hint: 'Use {{.Field}}, {{.Field.Part}} or {{json .Field}}; for more, --format json and jq.',
  });
}

/** The fields that a template names, in its order: the columns of `table {{.ID}}\t{{.Size}}`. */
export function templateFields(template: string): string[] {
  return [...template.matchAll(ACTION)].map((found) => found[2]?.slice(1) ?? '');
}

function unescape(template: string): string {
  return template.replaceAll('\\t', '\t').replaceAll('\\n', '\n');
}

function readField(value: unknown, path: string): unknown {
  let found = value;
  for (const name of path.split('.').filter((part) => part !== '')) {
    const fields = typeof found === 'object' && found !== null ? Object.entries(found) : [];
    const field = fields.find(([key]) => key === name);
    if (field === undefined) throw missing(path, fields);
    found = field[1];
  }
  return found;
}

function missing(path: string, fields: readonly [string, unknown][]): EngineError {
  const known = fields.map(([name]) => name).join(', ');
  return new EngineError('INVALID_INPUT', `there is no field ${path}`, {
    hint: known === '' ? undefined : `There are: ${known}.`,
  });
}
