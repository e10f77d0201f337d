import { EngineError, type SourceLocation } from '../../../contract/errors.ts';
import { didYouMean } from '../../dockerfile/did-you-mean.ts';
import type { RunInstruction } from '../../dockerfile/instruction.ts';
import { parseId } from '../../dockerfile/parse-chown.ts';
import type { SandboxMount } from '../../sandbox/sandbox.ts';
import { readAccounts } from '../rootfs-users.ts';
import type { StageState } from '../stage-state.ts';
import type { InstructionContext } from './instruction-context.ts';

/**
 * Refuses a RUN as a user whom the root file system does not know, at the USER that names them: the sandbox would
 * refuse too, and could only say that RUN failed.
 */
export async function checkRunUser(
  context: InstructionContext,
  state: StageState,
  instruction: RunInstruction,
  mounts: readonly SandboxMount[],
): Promise<void> {
  const [user = ''] = (state.config.User ?? '').split(':');
  // A mount may bring the accounts.
  if (user === '' || parseId(user) !== undefined || mounts.some(({ target }) => target.startsWith('/etc')))
    return;
  const accounts = await readAccounts(await context.run.rootFs(state.layers), '/etc/passwd');
  const names = accounts.map(([name = '']) => name).filter((name) => name !== '');
  if (names.includes(user)) return;
  const location = findUser(context, instruction) ?? instruction.location;
  throw new EngineError('BUILD_FAILED', `unable to find user ${user}: no matching entries in passwd file`, {
    ...didYouMean(user, names, location, 'Make the user in an earlier RUN, or give its number.'),
    location,
  });
}

/** The last USER of the stage before the instruction. */
function findUser({ stage }: InstructionContext, instruction: RunInstruction): SourceLocation | undefined {
  const all = stage.instructions.map((planned) => planned.instruction);
  const users = all
    .slice(0, all.indexOf(instruction))
    .flatMap((one) => (one.kind === 'user' ? [one.user] : []));
  return users.at(-1)?.location;
}
