import type { BuildRequest } from '../../../contract/builds-api.ts';
import { EngineError } from '../../../contract/errors.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import { flagValueLocation } from '../../dockerfile/flag-value-location.ts';
import { runHistory } from '../../dockerfile/history-text.ts';
import type { RunInstruction } from '../../dockerfile/instruction.ts';
import type { StoredLayer } from '../../filetree/layer-writer.ts';
import { formatPlatform } from '../../oci/platform.ts';
import type { SandboxCommand } from '../../sandbox/sandbox.ts';
import { cacheKey } from '../cache/cache-key.ts';
import { runLayerStep } from '../layer-step.ts';
import { secretsOf } from '../secrets.ts';
import { reportStepTransfer } from '../report-step-transfer.ts';
import { NO_PARENT } from '../step-recipe.ts';
import { splitVariable, withLayer, type StageState } from '../stage-state.ts';
import { latestTime } from '../time-rules.ts';
import { checkRunUser } from './check-run-user.ts';
import type { InstructionContext } from './instruction-context.ts';
import { runCommand, type RunCommand } from './run-command.ts';
import { runMounts, type RunMounts } from './run-mounts.ts';
import { StepOutput } from './step-output.ts';
import { tellFailedRoot } from './tell-failed-root.ts';
import type { StepInputs } from '../explain/step-inputs.ts';
import { clipped } from '../explain/shown-value.ts';
import { allValues, writtenText } from './step-inputs.ts';

const HINT = 'Write RUN command, or RUN ["program", "argument"].';
const HOSTNAME = 'buildkitsandbox';

/** RUN: one command in the sandbox; what it changes is the layer. */
export async function executeRun(
  context: InstructionContext,
  state: StageState,
  instruction: RunInstruction,
): Promise<StageState> {
  refuseUnsupported(instruction);
  refuseNetwork(context, instruction);
  const command = runCommand(state, instruction);
  if (command.args.length === 0) throw new EngineError('DOCKERFILE', 'RUN [] has no command', { hint: HINT });
  const mounts = await runMounts(context, state, instruction);
  const network = instruction.network === 'default' ? context.run.request.network : instruction.network;
  const sandboxCommand = toSandboxCommand(context, state, { command, mounts, network });
  const text = historyText(state, command);
  const made = await runLayerStep(context, {
    contentKey: () => Promise.resolve(keyOf(context, state, state.key, { command, mounts, network })),
    parent: state.key,
    ownKey: () => keyOf(context, state, NO_PARENT, { command, mounts, network }),
    explain: () => ({
      inputs: inputsOf(context, state, instruction, { command, mounts, network }),
      files: () => mounts.files,
    }),
    work: 'command',
    layers: state.layers,
    make: async () => {
      mounts.requireGiven();
      await checkRunUser(context, state, instruction, sandboxCommand.mounts);
      return runInSandbox(context, instruction, sandboxCommand, (layer) =>
        tellFailedRoot(context, state, { command: sandboxCommand, text, layer }),
      );
    },
  });
  return withLayer(state, made, text);
}

interface Parts {
  readonly command: RunCommand;
  readonly mounts: RunMounts;
  readonly network: 'host' | 'none';
}

function refuseUnsupported(instruction: RunInstruction): void {
  if (instruction.security === 'insecure') {
    throw new EngineError('UNSUPPORTED', 'RUN --security=insecure is not allowed here', {
      hint: 'Leave the flag out: every RUN is sandboxed.',
      location: flagValueLocation(instruction, 'security'),
    });
  }
  if (instruction.devices.length === 0) return;
  throw new EngineError(
    'UNSUPPORTED',
    'RUN --device is not supported: no device of the host enters a build',
    {
      hint: 'Leave the flag out.',
      location: flagValueLocation(instruction, 'device'),
    },
  );
}

/** A Dockerfile does not give itself the network that whoever builds it has taken away. */
function refuseNetwork({ run }: InstructionContext, instruction: RunInstruction): void {
  if (instruction.network !== 'host' || run.request.network !== 'none') return;
  throw new EngineError('UNSUPPORTED', 'RUN --network=host is not allowed: this build has no network', {
    hint: 'Build without --network none, or leave the flag out.',
    location: flagValueLocation(instruction, 'network'),
  });
}

function historyText(state: StageState, command: RunCommand): string {
  const named = new Map(state.args.map(({ name, value }) => [name, state.env.get(name) ?? value ?? '']));
  return runHistory(
    command.args,
    Array.from(named, ([key, value]) => ({ key, value })),
  );
}

function keyOf(
  context: InstructionContext,
  state: StageState,
  parent: Digest,
  { command, mounts, network }: Parts,
): Digest {
  const { script, args } = command;
  return cacheKey(
    'run',
    parent,
    args,
    script === undefined ? undefined : Buffer.from(script.content).toString('base64'),
    Array.from(state.env),
    state.config.User ?? '',
    state.config.WorkingDir || '/',
    mounts.keys,
    network,
    // Where a host is may change without making another image, as BuildKit has it; that it is there may not.
    context.run.request.addHosts.map(({ host }) => host),
    formatPlatform(state.platform),
    ...limitsOf(context),
  );
}

function inputsOf(
  context: InstructionContext,
  state: StageState,
  instruction: RunInstruction,
  { mounts, network }: Parts,
): StepInputs {
  const written = writtenText(instruction);
  const hosts = context.run.request.addHosts.map(({ host, ip }) => `${host}:${ip}`);
  return {
    written,
    expanded: written,
    parent: state.key,
    ...allValues(state),
    options: {
      USER: state.config.User ?? '',
      WORKDIR: state.config.WorkingDir || '/',
      ...(instruction.command.form === 'shell' ? { SHELL: shellText(state) } : {}),
      '--network': network,
      '--add-host': clipped(hosts.join(' ')),
      ...Object.fromEntries(limitsOf(context)),
      platform: formatPlatform(state.platform),
    },
    mounts: mounts.shown,
  };
}

/** What is given of `--ulimit`, `--shm-size` and a host name: nothing is what it was before there were such. */
function limitsOf({ run: { request } }: InstructionContext): readonly (readonly [string, string])[] {
  const ulimits = request.ulimits.map(({ name, soft, hard }) => `${name}=${soft}:${hard}`);
  const shm = request.shmSizeBytes;
  const hostname = hostnameOf(request);
  return [
    ...(ulimits.length === 0 ? [] : [['--ulimit', ulimits.toSorted().join(' ')] as const]),
    ...(shm === undefined ? [] : [['--shm-size', String(shm)] as const]),
    ...(hostname === HOSTNAME ? [] : [['host name', hostname] as const]),
  ];
}

function hostnameOf({ buildArgs }: BuildRequest): string {
  return buildArgs['BUILDKIT_SANDBOX_HOSTNAME'] || HOSTNAME;
}

function shellText({ config }: StageState): string {
  return JSON.stringify(config.Shell ?? []);
}

const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY'];

/** Proxy arguments reach every RUN in both cases, without ARG and without a trace in the image or the key. */
function proxyVariables(buildArgs: Readonly<Record<string, string>>): readonly string[] {
  const given = Object.entries(buildArgs).filter(([name]) => PROXIES.includes(name.toUpperCase()));
  return given.flatMap(([name, value]) => [
    `${name.toUpperCase()}=${value}`,
    `${name.toLowerCase()}=${value}`,
  ]);
}

function environment(context: InstructionContext, state: StageState, mounts: RunMounts): readonly string[] {
  const secret = new Set(mounts.secretEnv.map((line) => splitVariable(line)[0]));
  const own = Array.from(state.env, ([name, value]) => `${name}=${value}`).filter(
    (line) => !secret.has(splitVariable(line)[0]),
  );
  const isSet = (line: string) => state.env.has(line.slice(0, line.indexOf('=')));
  const proxies = proxyVariables(context.run.request.buildArgs).filter((line) => !isSet(line));
  return [...proxies, ...own, ...mounts.env];
}

function toSandboxCommand(
  context: InstructionContext,
  state: StageState,
  { command, mounts, network }: Parts,
): SandboxCommand {
  const { script } = command;
  const scriptMount =
    script === undefined
      ? []
      : [
          {
            type: 'secret' as const,
            target: script.path,
            content: script.content,
            uid: 0,
            gid: 0,
            mode: 0o755,
          },
        ];
  return {
    layers: state.layers,
    args: command.args,
    env: environment(context, state, mounts),
    secretEnv: mounts.secretEnv,
    cwd: state.config.WorkingDir || '/',
    user: state.config.User ?? '',
    mounts: [...mounts.mounts, ...scriptMount],
    network,
    hostname: hostnameOf(context.run.request),
    addHosts: context.run.request.addHosts,
    ulimits: context.run.request.ulimits,
    shmSizeBytes: context.run.request.shmSizeBytes,
  };
}

async function runInSandbox(
  context: InstructionContext,
  instruction: RunInstruction,
  command: SandboxCommand,
  onFailed: (left: StoredLayer) => Promise<void>,
): Promise<StoredLayer> {
  const { run, step } = context;
  const output = new StepOutput(step, secretsOf(run.request), run.emit);
  const result = await run.deps.sandbox
    .run(command, {
      signal: run.signal,
      compression: run.request.compression,
      latestTime: latestTime(run.request),
      onProgress: reportStepTransfer(context),
      onOutput: (stream, bytes) => output.add(stream, bytes),
    })
    .finally(() => output.end());
  if (result.exitCode === 0 && result.layer !== undefined) return result.layer;
  if (result.layer !== undefined) await onFailed(result.layer);
  throw failure(instruction, result.exitCode, output.lastLines());
}

const SHOWN_CHARACTERS = 200;

function failure(instruction: RunInstruction, exitCode: number, lines: readonly string[]): EngineError {
  const text = instruction.original.slice(0, SHOWN_CHARACTERS);
  const hint = lines.length === 0 ? 'It wrote nothing.' : `Its last lines:\n${lines.join('\n')}`;
  const { location } = instruction.command;
  return new EngineError('BUILD_FAILED', `${text}: exit code ${exitCode}`, { hint, location });
}
