import type { BuildComparison, BuildRecord, RecordedStep } from '../../contract/build-records-api.ts';
import { recordedBases } from '../../contract/recorded-bases.ts';
import { formatPlatform } from '../oci/platform.ts';
import { diffLines, pairUp } from './diff-lines.ts';

/** Two builds beside each other: what went in, the Dockerfile, and each step with what became of it. */
export function compareRecords(
  a: BuildRecord,
  b: BuildRecord,
): Pick<BuildComparison, 'inputs' | 'dockerfile' | 'steps'> {
  return {
    inputs: compareInputs(inputsOf(a), inputsOf(b)),
    dockerfile: diffLines(a.dockerfile?.text ?? '', b.dockerfile?.text ?? ''),
    steps: pairUp(a.steps, b.steps, stepKey).map(({ before, after }) => ({
      stage: (after ?? before)?.stage ?? '',
      instruction: (after ?? before)?.instruction ?? '',
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    })),
  };
}

function stepKey({ stage, instruction }: RecordedStep): string {
  return `${stage}\n${instruction}`;
}

function compareInputs(
  before: ReadonlyMap<string, string | undefined>,
  after: ReadonlyMap<string, string | undefined>,
): BuildComparison['inputs'] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((name) => {
    const [old, now] = [before.get(name), after.get(name)];
    if (old === undefined && now === undefined) return [];
    return {
      name,
      ...(old === undefined ? {} : { before: old }),
      ...(now === undefined ? {} : { after: now }),
    };
  });
}

/** Everything that can make a build another one, by a name for a reader; what was not given has no value. */
function inputsOf(record: BuildRecord): ReadonlyMap<string, string | undefined> {
  const { request } = record;
  const inputs = new Map<string, string | undefined>([
    ['Context', record.context],
    ['Context digest', record.contextDigest],
    ['Dockerfile', record.dockerfile?.path],
    ['Target', request.target],
    ['Platform', request.platform === undefined ? undefined : formatPlatform(request.platform)],
    ['Network', request.network],
    ['Compression', request.compression],
    ['Registries asked', request.pull ? 'yes' : undefined],
    ['Without cache', request.noCache ? 'yes' : undefined],
    ['Stages without cache', request.noCacheFilter.join(', ') || undefined],
    ['Reproducible', request.reproducible ? 'yes' : undefined],
    ['SOURCE_DATE_EPOCH', request.sourceDateEpoch?.toString()],
    ['Shared memory', request.shmSizeBytes?.toString()],
    ['Cache from', request.cacheFrom.map(({ source }) => source).join(', ') || undefined],
    ['Varve', record.varve],
    ['Built on', formatPlatform(record.host)],
  ]);
  for (const { name, digest } of recordedBases(record)) inputs.set(`Base ${name}`, digest);
  for (const [name, value] of Object.entries(request.buildArgs)) inputs.set(`Argument ${name}`, value);
  for (const [name, value] of Object.entries(request.labels)) inputs.set(`Label ${name}`, value);
  for (const [name, value] of Object.entries(request.buildContexts))
    inputs.set(`Build context ${name}`, value);
  for (const { id, source, env } of request.secrets) inputs.set(`Secret ${id}`, source ?? env ?? id);
  for (const { id, paths } of request.ssh) inputs.set(`SSH agent ${id}`, paths.join(', '));
  for (const { name, soft, hard } of request.ulimits) inputs.set(`Limit ${name}`, `${soft}:${hard}`);
  for (const { host, ip } of request.addHosts) inputs.set(`Host ${host}`, ip);
  return inputs;
}
