import { join } from 'node:path';
import { Command } from 'commander';
import type { BuildResult, Warning } from '../../contract/builds-api.ts';
import type { EngineApi } from '../../contract/engine-api.ts';
import { EngineError, isEngineError } from '../../contract/errors.ts';
import { buildOptions, type BuildOptions } from '../build/build-options.ts';
import { checkDockerfile } from '../build/check-dockerfile.ts';
import { createProgress } from '../build/create-progress.ts';
import { openContext, type OpenContext } from '../build/open-context.ts';
import { printForecast } from '../build/print-forecast.ts';
import { proveBuild } from '../build/prove-build.ts';
import { parseOutput, type BuildOutput } from '../build/parse-output.ts';
import { tellResult, writeResultFiles } from '../build/report-result.ts';
import { toRequest } from '../build/to-request.ts';
import type { Cli } from '../cli.ts';
import { copyToStdout, refuseTerminal } from '../copy-to-stdout.ts';

const EXAMPLES = `
Examples:
  varve build -t app:1 .
  varve build -t app:dev --target build --build-arg VERSION=2 .
  varve build -q -f docker/Dockerfile . > image-id
  varve build --output type=oci,dest=app.tar .
  varve build --check .
  varve build --plan .
  varve build --explain -t app:1 .
  varve build --prove --reproducible .      builds twice; says what differs
  tar c . | varve build -t app:1 -`;

export function buildCommand(cli: Cli): Command {
  const command = new Command('build')
    .description('Builds an image from a Dockerfile and the files beside it. Needs no Docker and no root.')
    .argument(
      '<context>',
      'the folder with the files, a git repository, the address of a tar, or - for standard input (a tar, or a Dockerfile)',
    )
    .addHelpText('after', EXAMPLES);
  for (const option of buildOptions()) command.addOption(option);
  return command.action((context: string, options: BuildOptions) =>
    openContext(cli, context, options, (from) =>
      cli.withEngine((api) => verbFor(options)(cli, api, from, options)),
    ),
  );
}

function verbFor(options: BuildOptions): typeof build {
  if (options.check === true) return check;
  if (options.prove === true) return prove;
  return options.plan === true ? plan : build;
}

async function plan(cli: Cli, api: EngineApi, from: OpenContext, options: BuildOptions): Promise<void> {
  const { parsePlatform } = await import('../../engine/engine.ts');
  const request = { ...toRequest(options, { cwd: cli.cwd, env: cli.env, parsePlatform }), ...from };
  await printForecast(cli, api, request, options.format ?? 'text');
}

async function prove(cli: Cli, api: EngineApi, from: OpenContext, options: BuildOptions): Promise<void> {
  const { parsePlatform } = await import('../../engine/engine.ts');
  const request = { ...toRequest(options, { cwd: cli.cwd, env: cli.env, parsePlatform }), ...from };
  await proveBuild(cli, api, request, options);
}

async function check(cli: Cli, api: EngineApi, from: OpenContext, options: BuildOptions): Promise<void> {
  const { parsePlatform } = await import('../../engine/engine.ts');
  const request = toRequest(options, { cwd: cli.cwd, env: cli.env, parsePlatform });
  await checkDockerfile(cli, api, from, request, options.format ?? 'text');
}

/** Builds; a result that goes to standard output is written aside first, so that a failed build writes nothing. */
async function build(cli: Cli, api: EngineApi, from: OpenContext, options: BuildOptions): Promise<void> {
  const outputs = options.output
    .map((text) => parseOutput(text, cli.cwd))
    .filter((output) => output !== undefined);
  const streamed = outputs.find((output) => output.path === undefined);
  if (streamed === undefined) return buildTo(cli, api, from, options, outputs);
  if (options.quiet || options.explain === true) {
    const other = options.quiet ? '-q' : '--explain';
    throw new EngineError('INVALID_INPUT', `both ${other} and --output want standard output`, {
      hint: 'Write the image ID with --iidfile, or the output with dest=FILE.',
    });
  }
  refuseTerminal(cli, 'an archive', 'Name a file with dest=, or pipe it on.');
  await cli.withWorkFolder(async (folder) => {
    const path = join(folder, 'output');
    const placed = outputs.map((output) => (output === streamed ? { ...output, path } : output));
    await buildTo(cli, api, from, options, placed);
    await copyToStdout(cli, path);
  });
}

async function buildTo(
  cli: Cli,
  api: EngineApi,
  from: OpenContext,
  options: BuildOptions,
  outputs: readonly BuildOutput[],
): Promise<void> {
  const { parsePlatform } = await import('../../engine/engine.ts');
  const request = {
    ...toRequest(options, { cwd: cli.cwd, env: cli.env, parsePlatform }),
    ...from,
    outputs: outputs.map(({ type, path }) => ({ type, destination: path ?? '' })),
  };
  const { result, warnings } = await runShown(cli, api, request, options);
  await writeResultFiles(cli, options, result);
  if (options.quiet) cli.stdout.line(result.imageId);
  else if (options.explain === true) return;
  else if (options.progress !== 'json' && options.progress !== 'rawjson') tellResult(cli, result, warnings);
}

type Request = Parameters<EngineApi['builds']['run']>[0];

async function runShown(
  cli: Cli,
  api: EngineApi,
  request: Request,
  options: BuildOptions,
): Promise<{ result: BuildResult; warnings: readonly Warning[] }> {
  const progress = createProgress(options, cli.stdout, cli.stderr);
  const warnings: Warning[] = [];
  let failed = true;
  const failedRoots = new Map<string, string>();
  let failedStep = '';
  try {
    const result = await api.builds.run(request, {
      signal: cli.signal,
      onProgress: (event) => {
        if (event.type === 'warning') warnings.push(event.warning);
        if (event.type === 'failed-root') failedRoots.set(event.step, event.image);
        // Of several that fail side by side the first one is the error.
        if (event.type === 'step-end' && event.outcome === 'failed') failedStep ||= event.step;
        progress.show(event);
      },
    });
    failed = false;
    return { result, warnings };
  } catch (error) {
    const failedRoot = failedRoots.get(failedStep);
    throw failedRoot === undefined ? error : withWayIn(error, failedRoot);
  } finally {
    progress.end(failed);
  }
}

const SHOWN_DIGITS = 12;

/** Says how to get to the place where the build failed. */
function withWayIn(error: unknown, image: string): unknown {
  if (!isEngineError(error)) return error;
  const digits = image.slice('sha256:'.length, 'sha256:'.length + SHOWN_DIGITS);
  const way = `Look around where it failed: varve shell ${digits}`;
  const { code, message, hint, location, excerpt } = error;
  return new EngineError(code, message, {
    hint: hint === undefined ? way : `${hint}\n${way}`,
    location,
    excerpt,
  });
}
