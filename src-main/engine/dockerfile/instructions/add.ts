import type { AddInstruction } from '../instruction.ts';
import { readFlags } from '../read-flags.ts';
import type { Statement } from '../statement.ts';
import { parseSources } from './sources.ts';

export function parseAdd(statement: Statement): AddInstruction {
  const sources = parseSources(statement);
  const flags = readFlags(statement, {
    chown: 'text',
    chmod: 'text',
    link: 'bool',
    exclude: 'list',
    checksum: 'text',
    'keep-git-dir': 'bool',
    unpack: 'bool',
  });
  return {
    ...statement.base,
    ...sources,
    kind: 'add',
    chown: flags.chown?.value,
    chmod: flags.chmod?.value,
    link: flags.link ?? false,
    excludes: flags.exclude.map((flag) => flag.value ?? ''),
    checksum: flags.checksum?.value,
    keepGitDir: flags['keep-git-dir'],
    unpack: flags.unpack,
  };
}
