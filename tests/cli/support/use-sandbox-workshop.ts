import { test, type TestContext } from 'vitest';
import { buildBusyboxBase } from '../../fixtures/base-image.ts';
import { useWorkshop, type Workshop } from './use-workshop.ts';

export interface SandboxWorkshop {
  readonly workshop: Workshop;
  /** A test that needs RUN: skipped where the machine has no sandbox. */
  readonly inSandbox: (
    name: string,
    body: (context: TestContext) => Promise<void>,
    timeoutMs?: number,
  ) => void;
}

/** A workshop whose store has the base image `busybox`. */
export function useSandboxWorkshop(
  prepare: (workshop: Workshop) => Promise<void> = async () => {},
): SandboxWorkshop {
  let canRun = false;
  const workshop = useWorkshop(async (shop) => {
    await buildBusyboxBase(shop.root);
    const probe = await shop.write('probe', { Dockerfile: 'FROM busybox\nRUN true\n' });
    canRun = (await shop.varve(['build', '-q', probe])).status === 0;
    await prepare(shop);
  });
  const inSandbox: SandboxWorkshop['inSandbox'] = (name, body, timeoutMs) => {
    const run = async (context: TestContext): Promise<void> => {
      if (!canRun) context.skip('no sandbox here');
      await body(context);
    };
    test(name, run, timeoutMs);
  };
  return { workshop, inSandbox };
}
