import { referenceUrl } from './instruction-docs.ts';
import type { Doc } from './instruction-docs.ts';
import type { Directive } from '../dockerfile.ts';

/** The parser directives, with values to choose from. */
export const DIRECTIVE_DOCS: Readonly<
  Record<Directive['name'], Doc & { readonly values: Readonly<Record<string, string>> }>
> = {
  syntax: {
    syntax: '# syntax=<image>',
    text: [
      'Names the frontend that reads the file. Varve reads every Dockerfile itself and fetches none.',
      'Directives stand at the very top, before any comment, empty line or instruction.',
    ],
    url: referenceUrl('syntax'),
    values: {
      'docker/dockerfile:1': 'The newest stable version.',
      'docker/dockerfile:1-labs': 'With what is still being tried.',
    },
  },
  escape: {
    syntax: '# escape=\\ or # escape=`',
    text: ['Sets the character that escapes others and continues lines: the backslash unless given.'],
    url: referenceUrl('escape'),
    values: { '`': 'For paths of Windows.', '\\': 'As without it.' },
  },
  check: {
    syntax: '# check=skip=<rule>,…;error=<true|false>',
    text: ['Says which build checks to skip, and whether warnings end the build.'],
    url: referenceUrl('check'),
    values: {
      'error=true': 'Warnings end the build.',
      'skip=all': 'No checks at all.',
      'skip=': 'Leaves out the rules that follow.',
      'experimental=all': 'Also the checks that are still being tried.',
    },
  },
};
