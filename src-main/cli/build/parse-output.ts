import { resolve } from 'node:path';
import { EngineError } from '../../contract/errors.ts';
import { badOption, parseFields } from './parse-fields.ts';

/** A further result of a build; without a path it goes to standard output. */
export interface BuildOutput {
  readonly type: 'oci' | 'docker' | 'tar' | 'local';
  readonly path: string | undefined;
}

/**
 * Reads docker's `--output`: `type=…,dest=…`, a folder, or `-` for a tar on standard output. Undefined for what is
 * so anyway: the image in the store (`type=image`, and `type=docker` without a file).
 */
export function parseOutput(text: string, cwd: string): BuildOutput | undefined {
  if (text === '-') return { type: 'tar', path: undefined };
  if (!text.includes('=')) return { type: 'local', path: resolve(cwd, text) };
  const fields = parseFields(text);
  const type = fields.get('type');
  const given = fields.get('dest') ?? fields.get('destination');
  const path = given === undefined || given === '' || given === '-' ? undefined : resolve(cwd, given);
  if (type === 'image' || (type === 'docker' && given === undefined)) return undefined;
  if (type === 'local') {
    if (path === undefined) throw badOption('--output', text, 'type=local,dest=FOLDER');
    return { type, path };
  }
  if (type === 'oci' || type === 'docker' || type === 'tar') return { type, path };
  throw new EngineError('UNSUPPORTED', `--output ${text}: Varve writes oci, docker, tar and local`, {
    hint: 'For example: --output type=oci,dest=app.tar',
  });
}
