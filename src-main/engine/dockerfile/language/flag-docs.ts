import { referenceUrl } from './instruction-docs.ts';
import type { Doc } from './instruction-docs.ts';

/** A flag of an instruction. */
export interface FlagDoc extends Doc {
  /** `switch`: it may stand alone; `value`: it needs one; `list`: it needs one and may be repeated. */
  readonly takes: 'switch' | 'value' | 'list';
  /** The values that there are to choose from, with what they do. */
  readonly values?: Readonly<Record<string, string>>;
}

function flag(
  takes: FlagDoc['takes'],
  anchor: string,
  syntax: string,
  text: string,
  values?: FlagDoc['values'],
): FlagDoc {
  return {
    takes,
    syntax,
    text: [text],
    url: referenceUrl(anchor),
    ...(values === undefined ? {} : { values }),
  };
}

const BOOLEANS = { true: '', false: '' };

const MODES = {
  '644': 'Files that all may read and the owner may write.',
  '755': 'Programs and folders that all may use and the owner may write.',
  '600': 'For the owner alone.',
  '700': 'A program or folder for the owner alone.',
  '664': 'The group may write too.',
  '775': 'A program or folder that the group may write too.',
  '444': 'To be read by all, written by nobody.',
  'u=rwX,go=rX': 'All may read; folders, and files that were programs, stay usable.',
  'a+x': 'All may run it.',
};

const CHOWN =
  'Who owns what is copied: names or numbers. Names are looked up in the stage. Without it, root does.';
const CHMOD = 'The mode that what is copied gets, as an octal number or in the words of chmod.';
const LINK =
  'Puts the files into a layer that does not depend on those below: it stays in the cache when they change.';
const EXCLUDE = 'Leaves out what matches the pattern, in the way of an ignore file.';

const PLATFORMS = {
  $BUILDPLATFORM: 'Where the build runs: for compilers and tools.',
  $TARGETPLATFORM: 'What the image is for; so it is without the flag.',
  'linux/amd64': '64-bit Intel and AMD.',
  'linux/arm64': '64-bit ARM: Apple silicon, Graviton, Raspberry Pi.',
  'linux/arm/v7': '32-bit ARM.',
  'linux/386': '32-bit Intel.',
  'linux/ppc64le': '',
  'linux/riscv64': '',
  'linux/s390x': '',
};

type Flags = Readonly<Record<string, FlagDoc>>;

const FROM: Flags = {
  platform: flag(
    'value',
    'from',
    '--platform=<os>/<arch>[/<variant>]',
    'Which platform’s image to take where there are several.',
    PLATFORMS,
  ),
};

const RUN: Flags = {
  mount: flag(
    'list',
    'run---mount',
    '--mount=type=<bind|cache|tmpfs|secret|ssh>,<key>=<value>,…',
    'Shows files to the command that do not end up in the layer: of the context or a stage, a cache that stays between builds, a secret.',
  ),
  network: flag(
    'value',
    'run---network',
    '--network=<default|none|host>',
    'Which network the command sees.',
    { default: 'That of the build.', none: 'None at all.', host: 'That of the machine.' },
  ),
  security: flag(
    'value',
    'run---security',
    '--security=<sandbox|insecure>',
    'How closely the command is confined.',
    { sandbox: 'As usual.', insecure: 'With all privileges; Varve refuses it.' },
  ),
  device: flag(
    'list',
    'run---device',
    '--device=<name>[,required]',
    'Gives the command a device of the machine. Varve refuses it.',
  ),
};

const COPY: Flags = {
  from: flag(
    'value',
    'copy---from',
    '--from=<stage|image|context>',
    'Takes the files out of an earlier stage (by name or number), an image or a named context in place of the build context.',
  ),
  chown: flag('value', 'copy---chown---chmod', '--chown=<user>[:<group>]', CHOWN),
  chmod: flag('value', 'copy---chown---chmod', '--chmod=<mode>', CHMOD, MODES),
  link: flag('switch', 'copy---link', '--link[=<true|false>]', LINK, BOOLEANS),
  parents: flag(
    'switch',
    'copy---parents',
    '--parents[=<true|false>]',
    'Keeps the folders that a source is in, from a /./ in it on.',
    BOOLEANS,
  ),
  exclude: flag('list', 'copy---exclude', '--exclude=<pattern>', EXCLUDE),
};

const ADD: Flags = {
  checksum: flag(
    'value',
    'add---checksum',
    '--checksum=sha256:<digest>',
    'What the fetched file or Git commit must be; anything else ends the build.',
  ),
  chown: flag('value', 'add---chown---chmod', '--chown=<user>[:<group>]', CHOWN),
  chmod: flag('value', 'add---chown---chmod', '--chmod=<mode>', CHMOD, MODES),
  link: flag('switch', 'add---link', '--link[=<true|false>]', LINK, BOOLEANS),
  exclude: flag('list', 'add---exclude', '--exclude=<pattern>', EXCLUDE),
  'keep-git-dir': flag(
    'switch',
    'add---keep-git-dir',
    '--keep-git-dir[=<true|false>]',
    'Keeps the .git folder of a repository.',
    BOOLEANS,
  ),
  unpack: flag(
    'switch',
    'add---unpack',
    '--unpack[=<true|false>]',
    'Whether archives are unpacked. Without it those of the context are and fetched ones are not.',
    BOOLEANS,
  ),
};

const time = (name: string, text: string): FlagDoc =>
  flag('value', 'healthcheck', `--${name}=<duration>`, text, { '5s': '', '30s': '', '1m': '', '5m': '' });

const HEALTHCHECK: Flags = {
  interval: time('interval', 'The time between two checks; 30s unless given.'),
  timeout: time('timeout', 'How long one check may take before it counts as failed; 30s unless given.'),
  'start-period': time(
    'start-period',
    'How long the container may take to start: failures until then do not count.',
  ),
  'start-interval': time('start-interval', 'The time between two checks while it starts; 5s unless given.'),
  retries: flag(
    'value',
    'healthcheck',
    '--retries=<number>',
    'How many checks in a row must fail; 3 unless given.',
    { '1': '', '3': '', '5': '' },
  ),
};

/** The flags of each instruction that has some, by the names in lower case. */
export const FLAG_DOCS: Readonly<Record<string, Flags | undefined>> = {
  from: FROM,
  run: RUN,
  copy: COPY,
  add: ADD,
  healthcheck: HEALTHCHECK,
};
