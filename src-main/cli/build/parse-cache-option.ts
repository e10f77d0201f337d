import { resolve } from 'node:path';
import type { BuildRequestInput } from '../../contract/builds-api.ts';
import { EngineError } from '../../contract/errors.ts';
import { badOption, parseFields } from './parse-fields.ts';

type From = NonNullable<BuildRequestInput['cacheFrom']>[number];
type To = NonNullable<BuildRequestInput['cacheTo']>[number];

/** docker's `--cache-from`: `type=local,src=FOLDER`, `type=archive,src=FILE`, or a path by itself. */
export function parseCacheFrom(text: string, cwd: string): From {
  const option = '--cache-from';
  const { type, fields } = readOption(option, text, ['src', 'source']);
  const source = fields.get('src') ?? fields.get('source');
  if (!source) throw badOption(option, text, `type=${type},src=PATH`);
  return { type, source: resolve(cwd, source) };
}

/** docker's `--cache-to`: `type=local,dest=FOLDER[,mode=min|max]`, `type=archive,dest=FILE`, or a path by itself. */
export function parseCacheTo(text: string, cwd: string): To {
  const option = '--cache-to';
  const { type, fields } = readOption(option, text, ['dest', 'destination', 'mode']);
  const destination = fields.get('dest') ?? fields.get('destination');
  const mode = fields.get('mode') ?? 'min';
  if (!destination || (mode !== 'min' && mode !== 'max')) {
    throw badOption(option, text, `type=${type},dest=PATH[,mode=min|max]`);
  }
  return { type, destination: resolve(cwd, destination), mode };
}

interface Read {
  readonly type: From['type'];
  readonly fields: ReadonlyMap<string, string>;
}

function readOption(option: string, text: string, known: readonly string[]): Read {
  if (!text.includes('=')) return readPath(option, text);
  const fields = parseFields(text);
  const type = fields.get('type') ?? 'registry';
  if (type !== 'local' && type !== 'archive') throw unsupported(option, text, `type=${type}`);
  const unknown = Array.from(fields.keys()).find((name) => name !== 'type' && !known.includes(name));
  if (unknown === undefined) return { type, fields };
  throw new EngineError('INVALID_INPUT', `${option} ${text}: ${unknown} means nothing here`, {
    hint: `With type=${type} there are: ${known.join(', ')}.`,
  });
}

/** A word by itself is an image in a registry for docker; what is plainly a path is one here. */
function readPath(option: string, text: string): Read {
  if (!/^[./]|\.tar$/.test(text)) throw unsupported(option, text, 'an image in a registry');
  const type = text.endsWith('.tar') ? 'archive' : 'local';
  return { type, fields: new Map([[option === '--cache-to' ? 'dest' : 'src', text]]) };
}

function unsupported(option: string, text: string, what: string): EngineError {
  const example = option === '--cache-to' ? 'dest' : 'src';
  return new EngineError('UNSUPPORTED', `${option} ${text}: Varve keeps no cache in ${what}`, {
    hint: `It keeps it in a folder or a file: type=local,${example}=FOLDER or type=archive,${example}=FILE.tar.`,
  });
}
