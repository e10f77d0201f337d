import type { Command } from 'commander';
import type { Cli } from './cli.ts';

/** A word after `varve`: its line in the help, and its command, loaded only when it is the one that was called. */
export interface Verb {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<(cli: Cli) => Command>;
}

/** All verbs in the order of `varve --help`. To add one, imitate `verbs/tag.ts` and name it here. */
export const VERBS: readonly Verb[] = [
  {
    name: 'build',
    summary: 'Build an image from a Dockerfile',
    load: async () => (await import('./verbs/build.ts')).buildCommand,
  },
  {
    name: 'builds',
    summary: 'List, compare and exchange records of builds',
    load: async () => (await import('./verbs/builds.ts')).buildsCommand,
  },
  {
    name: 'images',
    summary: 'List images',
    load: async () => (await import('./verbs/images.ts')).imagesCommand,
  },
  {
    name: 'inspect',
    summary: 'Show everything about images as JSON',
    load: async () => (await import('./verbs/inspect.ts')).inspectCommand,
  },
  {
    name: 'history',
    summary: 'Show the steps that made an image',
    load: async () => (await import('./verbs/history.ts')).historyCommand,
  },
  {
    name: 'tag',
    summary: 'Give an image a tag, or undo a tag’s last move',
    load: async () => (await import('./verbs/tag.ts')).tagCommand,
  },
  {
    name: 'tags',
    summary: 'Show where tags pointed, and when they moved',
    load: async () => (await import('./verbs/tags.ts')).tagsCommand,
  },
  {
    name: 'untag',
    summary: 'Remove tags; what they point at stays until a prune',
    load: async () => (await import('./verbs/untag.ts')).untagCommand,
  },
  {
    name: 'rmi',
    summary: 'Remove images by tag or ID',
    load: async () => (await import('./verbs/rmi.ts')).rmiCommand,
  },
  {
    name: 'ls',
    summary: 'List the files of an image',
    load: async () => (await import('./verbs/ls.ts')).lsCommand,
  },
  {
    name: 'cat',
    summary: 'Print a file of an image',
    load: async () => (await import('./verbs/cat.ts')).catCommand,
  },
  {
    name: 'diff',
    summary: 'List the files that differ between two images',
    load: async () => (await import('./verbs/diff.ts')).diffCommand,
  },
  {
    name: 'shell',
    summary: 'Start a shell in an image, or where a RUN failed',
    load: async () => (await import('./verbs/shell.ts')).shellCommand,
  },
  {
    name: 'pull',
    summary: 'Pull an image from a registry',
    load: async () => (await import('./verbs/pull.ts')).pullCommand,
  },
  {
    name: 'push',
    summary: 'Push an image to a registry',
    load: async () => (await import('./verbs/push.ts')).pushCommand,
  },
  {
    name: 'registries',
    summary: 'Look at what registries hold, without pulling it',
    load: async () => (await import('./verbs/registries.ts')).registriesCommand,
  },
  {
    name: 'login',
    summary: 'Log in to a registry',
    load: async () => (await import('./verbs/login.ts')).loginCommand,
  },
  {
    name: 'logout',
    summary: 'Log out from a registry',
    load: async () => (await import('./verbs/logout.ts')).logoutCommand,
  },
  {
    name: 'load',
    summary: 'Load images from an archive',
    load: async () => (await import('./verbs/load.ts')).loadCommand,
  },
  {
    name: 'save',
    summary: 'Save images to an archive',
    load: async () => (await import('./verbs/save.ts')).saveCommand,
  },
  {
    name: 'verify',
    summary: 'Check every stored byte against its digest',
    load: async () => (await import('./verbs/verify.ts')).verifyCommand,
  },
  {
    name: 'cache',
    summary: 'List and remove what builds can take instead of making it',
    load: async () => (await import('./verbs/cache.ts')).cacheCommand,
  },
  {
    name: 'prune',
    summary: 'Free what nothing points at any more',
    load: async () => (await import('./verbs/prune.ts')).pruneCommand,
  },
  {
    name: 'df',
    summary: 'Show what the store takes on disk',
    load: async () => (await import('./verbs/df.ts')).dfCommand,
  },
  {
    name: 'debug',
    summary: 'Ask single parts of the builder (for tests)',
    load: async () => (await import('./verbs/debug.ts')).debugCommand,
  },
];
