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
    ...(check.intervalNs === 0 ? {} : { Interval: check.intervalNs }),
    ...(check.timeoutNs === 0 ? {} : { Timeout: check.timeoutNs }),
    ...(check.startPeriodNs === 0 ? {} : { StartPeriod: check.startPeriodNs }),
    ...(check.startIntervalNs === 0 ? {} : { StartInterval: check.startIntervalNs }),
    ...(check.retries === 0 ? {} : { Retries: check.retries }),
  };
}
