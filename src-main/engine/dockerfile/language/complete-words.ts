import type { Completion } from '../../../contract/dockerfiles-api.ts';
import { ALL_CHECKS } from '../checks/all-checks.ts';
import type { InstructionKind } from '../instruction.ts';
import { OCI_LABELS, PLATFORM_ARGUMENTS, PROXY_ARGUMENTS } from './argument-docs.ts';
import { DIRECTIVE_DOCS } from './directive-docs.ts';
import { FLAG_DOCS } from './flag-docs.ts';
import { INSTRUCTION_DOCS } from './instruction-docs.ts';
import { MOUNT_KEYS, MOUNT_TYPES } from './mount-docs.ts';
import type { Slot, Want } from './slot.ts';

type WantOf<K extends Want['kind']> = Extract<Want, { kind: K }>;

/** Those that one writes most come first. */
const ORDER: readonly InstructionKind[] = [
  ...(['from', 'run', 'copy', 'env', 'workdir', 'arg', 'cmd', 'entrypoint', 'expose', 'user'] as const),
  ...(['label', 'add', 'volume', 'healthcheck', 'shell', 'stopsignal', 'onbuild', 'maintainer'] as const),
];
const NO_TRIGGERS: readonly InstructionKind[] = ['from', 'onbuild', 'maintainer'];
const SIGNALS = {
  SIGTERM: 'Ends it; the usual one.',
  SIGINT: 'As Ctrl+C does.',
  SIGQUIT: 'Ends it gracefully: nginx, php-fpm.',
  SIGHUP: 'Often: read the configuration again.',
  SIGUSR1: 'Whatever the program makes of it.',
  SIGUSR2: 'Whatever the program makes of it.',
  SIGWINCH: 'Ends Apache gracefully.',
  SIGKILL: 'Ends it at once; the program cannot tidy up.',
  'SIGRTMIN+3': 'Shuts systemd down.',
};

function word(label: string, more: Partial<Completion> = {}): Completion {
  return { kind: 'value', label, insert: label, continues: false, ...more };
}

function words(values: Readonly<Record<string, string>>, more: Partial<Completion> = {}): Completion[] {
  return Object.entries(values).map(([label, text]) =>
    word(label, { ...more, ...(text === '' ? {} : { documentation: text }) }),
  );
}

function instructions(want: WantOf<'instruction'>, slot: Slot, isLower: boolean): Completion[] {
  const allowed = ORDER.filter((kind) =>
    want.isTrigger ? !NO_TRIGGERS.includes(kind) : !want.isBeforeFrom || kind === 'from' || kind === 'arg',
  );
  const items = allowed.map((kind): Completion => {
    const { syntax, text } = INSTRUCTION_DOCS[kind];
    const label = isLower ? kind : kind.toUpperCase();
    const insert = /\s/.test(slot.next) ? label : `${label} `;
    return {
      kind: 'instruction',
      label,
      insert,
      detail: syntax,
      documentation: text.join(' '),
      continues: true,
    };
  });
  return want.directives === undefined ? items : [...items, ...directives(want.directives, '# ')];
}

function directives(given: readonly string[], lead: string): Completion[] {
  return Object.entries(DIRECTIVE_DOCS)
    .filter(([name]) => !given.includes(name))
    .map(([name, { syntax, text }]) => ({
      kind: 'directive',
      label: lead + name,
      insert: `${lead}${name}=`,
      detail: syntax,
      documentation: text.join(' '),
      continues: true,
    }));
}

function flags(
  { instruction, given }: { instruction: string; given: readonly string[] },
  next: string,
): Completion[] {
  return Object.entries(FLAG_DOCS[instruction] ?? {})
    .filter(([name, { takes }]) => takes === 'list' || !given.includes(name))
    .map(([name, { takes, syntax, text }]) => {
      const hasValue = takes !== 'switch';
      const insert = hasValue && next !== '=' ? `--${name}=` : `--${name}`;
      const documentation = text.join(' ');
      return { kind: 'flag', label: `--${name}`, insert, detail: syntax, documentation, continues: hasValue };
    });
}

function mountKeys({ type, given }: WantOf<'mount key'>, next: string): Completion[] {
  return Object.entries(MOUNT_KEYS)
    .filter(([key, { types }]) => !given.includes(key) && types.some((each) => each === (type ?? 'bind')))
    .map(([key, { text, isSwitch }]) => {
      const insert = isSwitch === true || next === '=' ? key : `${key}=`;
      return word(key, { insert, documentation: text, continues: isSwitch !== true });
    });
}

function mountValues({ key }: WantOf<'mount value'>): Completion[] {
  if (key === 'type') return words(MOUNT_TYPES);
  return (MOUNT_KEYS[key]?.values ?? []).map((value) => word(value));
}

function argumentNames(isGlobal: boolean): Completion[] {
  const platform = words(PLATFORM_ARGUMENTS, { kind: 'variable', detail: 'automatic' });
  const proxies = PROXY_ARGUMENTS.map((name) =>
    word(name, { kind: 'variable', detail: 'predefined', documentation: 'RUN sees it without an ARG.' }),
  );
  return isGlobal ? proxies : [...platform, ...proxies];
}

function ports({ port }: WantOf<'port'>): Completion[] {
  if (port !== undefined) return [word('tcp', { detail: 'unless given' }), word('udp')];
  return words({
    '80': 'HTTP.',
    '443': 'HTTPS.',
    '8080': 'HTTP of a program that is not root.',
    '3000': 'Servers of Node.js, by custom.',
    '5432': 'PostgreSQL.',
    '6379': 'Redis.',
  });
}

const LABEL_OF_COMMAND: Readonly<Record<string, string>> = {
  shell: '["/bin/sh", "-c"]',
};

function commands({ instruction }: WantOf<'command'>): Completion[] {
  const known = LABEL_OF_COMMAND[instruction];
  const label = known ?? '["…"]';
  const insert = known ?? '[""]';
  return [word(label, { insert, detail: 'JSON array', documentation: 'Started as it is, without a shell.' })];
}

function labels(next: string): Completion[] {
  return words(OCI_LABELS).map((item) => ({
    ...item,
    insert: next === '=' ? item.insert : `${item.insert}=`,
    continues: true,
  }));
}

function flagValues({ instruction, flag }: WantOf<'flag value'>): Completion[] {
  return words(FLAG_DOCS[instruction]?.[flag]?.values ?? {});
}

function checks(): Completion[] {
  const rules = ALL_CHECKS.map(({ name, detail }) => word(name, { documentation: detail }));
  return [word('all', { documentation: 'Every check.' }), ...rules];
}

export interface WordOptions {
  /** The file writes the language's words in lower case. */
  readonly isLower: boolean;
  /** Before the first FROM. */
  readonly isGlobal: boolean;
}

/** What the Dockerfile's language itself offers for a slot, best first. */
export function completeWords(slot: Slot, { isLower, isGlobal }: WordOptions): Completion[] {
  const { want, next } = slot;
  switch (want.kind) {
    case 'instruction':
      return instructions(want, slot, isLower);
    case 'directive':
      return directives(want.given, '');
    case 'directive value':
      return words(DIRECTIVE_DOCS[want.directive].values);
    case 'check':
      return checks();
    case 'flag':
      return flags(want, next);
    case 'flag value':
      return flagValues(want);
    case 'mount key':
      return mountKeys(want, next);
    case 'mount value':
      return mountValues(want);
    case 'as':
      return [
        word(isLower ? 'as' : 'AS', { insert: isLower ? 'as ' : 'AS ', documentation: 'Names the stage.' }),
      ];
    case 'port':
      return ports(want);
    case 'signal':
      return words(SIGNALS);
    case 'health check':
      return words({ CMD: 'The command that checks.', NONE: 'No check, not the base image’s either.' });
    case 'command':
      return commands(want);
    case 'argument name':
      return argumentNames(isGlobal);
    case 'label':
      return labels(next);
    case 'base':
    case 'owner':
    case 'source':
    case 'folder':
    case 'path':
    case 'variable':
      return [];
  }
}

/** The flags that can stand in a slot beside what it is for. */
export function completeFlags({ flags: here, next }: Slot): Completion[] {
  return here === undefined ? [] : flags(here, next);
}
