import { healthcheckHistory } from '../../dockerfile/history-text.ts';
import type { Healthcheck, HealthcheckInstruction } from '../../dockerfile/instruction.ts';
import type { ContainerConfig } from '../../oci/image-config.ts';
import { withMetadata, type StageState } from '../stage-state.ts';

export function executeHealthcheck(state: StageState, instruction: HealthcheckInstruction): StageState {
  const { healthcheck } = instruction;
  return withMetadata(state, { Healthcheck: toConfig(healthcheck) }, healthcheckHistory(healthcheck));
}

/** Zero is the runtime's default and is left out, as Docker does. */
function toConfig(check: Healthcheck): NonNullable<ContainerConfig['Healthcheck']> {
  return {
    Test: [...check.test],
    ...(check.intervalNs === 0n ? {} : { Interval: toInteger(check.intervalNs) }),
    ...(check.timeoutNs === 0n ? {} : { Timeout: toInteger(check.timeoutNs) }),
    ...(check.startPeriodNs === 0n ? {} : { StartPeriod: toInteger(check.startPeriodNs) }),
    ...(check.startIntervalNs === 0n ? {} : { StartInterval: toInteger(check.startIntervalNs) }),
    ...(check.retries === 0 ? {} : { Retries: check.retries }),
  };
}

/** A number as long as it is exact. */
function toInteger(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
