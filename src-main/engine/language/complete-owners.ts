import type { Completion } from '../../contract/dockerfiles-api.ts';
import { readAccounts } from '../build/rootfs-users.ts';
import type { Stage } from '../dockerfile/dockerfile.ts';
import { addedAccounts } from '../dockerfile/language/added-accounts.ts';
import { chainInstructions } from '../dockerfile/language/stage-chain.ts';
import type { Question } from './question.ts';
import { rootFsOf } from './stage-files.ts';

/** The users or groups of a stage: those that its RUN instructions add, then those of its base image. */
export async function completeOwners(
  question: Question,
  stage: Stage,
  part: 'user' | 'group',
  line: number,
): Promise<Completion[]> {
  const chain = question.chainOf(stage);
  const added = addedAccounts(chainInstructions(chain, line))
    .filter(({ kind }) => kind === part)
    .map((account) => item(account.name, `added on line ${account.line}`));
  const rootFs = await rootFsOf(question, await question.baseOf(chain));
  const file = part === 'user' ? '/etc/passwd' : '/etc/group';
  const accounts = rootFs === undefined ? [] : await readAccounts(rootFs, file);
  question.checkSignal();
  const known = accounts
    .filter(([name = '']) => name !== '' && !name.startsWith('#'))
    .map(([name = '', , id = '']) =>
      item(name, `${part === 'user' ? 'uid' : 'gid'} ${id} in ${chain.image}`),
    );
  return [...added.toReversed(), ...known];
}

function item(name: string, detail: string): Completion {
  return { kind: 'user', label: name, insert: name, detail, continues: false };
}
