import { InvalidArgumentError, Option } from 'commander';

/** The options of `varve build` as they are given, docker build's words. */
export interface BuildOptions {
  readonly file?: string;
  readonly tag: readonly string[];
  readonly target?: string;
  readonly buildArg: readonly string[];
  readonly buildContext: readonly string[];
  readonly secret: readonly string[];
  readonly ssh: readonly string[];
  readonly addHost: readonly string[];
  readonly ulimit: readonly string[];
  readonly shmSize?: string;
  readonly platform?: string;
  readonly label: readonly string[];
  readonly pull?: true;
  readonly cache: boolean;
  readonly cacheFilter: readonly string[];
  readonly cacheFrom: readonly string[];
  readonly cacheTo: readonly string[];
  readonly reproducible?: true;
  readonly network: 'host' | 'none' | 'default';
  readonly compression: 'gzip' | 'zstd' | 'none';
  readonly output: readonly string[];
  readonly progress: 'auto' | 'plain' | 'tty' | 'json' | 'rawjson' | 'quiet';
  readonly iidfile?: string;
  readonly metadataFile?: string;
  readonly quiet?: true;
  readonly check?: true;
  readonly plan?: true;
  readonly explain?: true;
  readonly prove?: true;
  readonly format?: 'json' | 'text';
}

/** Collects an option that may be given several times. */
function several(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function list(flags: string, description: string): Option {
  return new Option(flags, description).argParser(several).default([], 'none');
}

function choice(flags: string, description: string, choices: readonly string[], first: string): Option {
  return new Option(flags, description).choices(choices).default(first);
}

export function buildOptions(): Option[] {
  return [
    new Option(
      '-f, --file <file>',
      'the Dockerfile, - for standard input (default: Dockerfile in the context)',
    ),
    list('-t, --tag <ref>', 'give the image this tag; may be repeated'),
    new Option('--target <stage>', 'build this stage and what it needs'),
    list('--build-arg <name[=value]>', 'a build argument; without a value, from the environment'),
    list(
      '--build-context <name=source>',
      'a further build context: a folder, a git repository, docker-image://… or oci-layout://…',
    ),
    list('--secret <id=…>', 'a secret for RUN --mount=type=secret: id=ID,src=FILE or id=ID,env=NAME'),
    list('--ssh <id>', 'an SSH agent or keys for RUN --mount=type=ssh: default, or ID=PATH[,PATH]'),
    list('--add-host <host:ip>', 'a line for /etc/hosts during RUN'),
    list('--ulimit <name=soft[:hard]>', 'a limit of RUN, as nofile=1024:2048; -1 is none'),
    new Option('--shm-size <size>', 'the size of /dev/shm during RUN: 128m, 1g, or bytes (default: 64m)'),
    new Option('--platform <os/arch>', 'the platform to build for'),
    list('--label <name=value>', 'a label for the image'),
    new Option('--pull', 'ask registries what the tags in the Dockerfile are now, also those that are here'),
    new Option(
      '--no-cache',
      'run every step anew, unless another build has begun the same since this one began',
    ),
    list('--no-cache-filter <stage>', 'run every step of these stages, by name or number: a,b'),
    list('--cache-from <where>', 'a cache to ask: type=local,src=FOLDER or type=archive,src=FILE'),
    list('--cache-to <where>', 'where to write the cache: type=local|archive,dest=PATH[,mode=min|max]'),
    new Option(
      '--reproducible',
      'the same digest on any machine, at any time: all times are SOURCE_DATE_EPOCH, or 0',
    ),
    choice('--network <mode>', 'the network of RUN', ['default', 'host', 'none'], 'default'),
    choice('--compression <kind>', 'how layers are compressed', ['gzip', 'zstd', 'none'], 'gzip'),
    list('-o, --output <where>', 'a further result: type=oci|docker|tar|local,dest=PATH, or a folder'),
    new Option('--load', 'accepted for habit: the image always is in the store').hideHelp(),
    choice(
      '--progress <style>',
      'how progress is shown, on standard error; json is one event a line: plan, step-start, step-progress (bytes, totalBytes, bytesPerSecond), step-output, step-end (outcome, reason with changes), warning, export (again with amounts while it is written)',
      ['auto', 'plain', 'tty', 'json', 'rawjson', 'quiet'],
      'auto',
    ),
    new Option('--iidfile <file>', 'write the image ID to this file'),
    new Option('--metadata-file <file>', 'write digests and names to this file, as JSON'),
    new Option('-q, --quiet', 'print the image ID and nothing else'),
    new Option('--check', 'check the Dockerfile and build nothing').conflicts(['quiet', 'output']),
    new Option('--call <what>', 'docker’s other word for --check')
      .argParser(onlyCheck)
      .hideHelp()
      .implies({ check: true }),
    new Option('--plan', 'say what a build would take from the cache, and build nothing').conflicts([
      'quiet',
      'check',
      'explain',
      'output',
    ]),
    new Option('--explain', 'build, and print only which steps ran and why').conflicts(['quiet', 'check']),
    new Option(
      '--prove',
      'build twice and name the first difference and the instruction that made it; tags nothing, and cache mounts begin empty',
    ).conflicts(['quiet', 'check', 'plan', 'explain', 'output']),
    new Option('--format <format>', 'how --check, --plan, --explain and --prove answer').choices([
      'text',
      'json',
    ]),
  ];
}

function onlyCheck(value: string): string {
  if (value === 'check' || value === 'lint') return value;
  throw new InvalidArgumentError('Varve knows --call check.');
}
