import { Command } from 'commander';
import type { EngineApi } from '../../contract/engine-api.ts';
import { EngineError, isEngineError } from '../../contract/errors.ts';
import type { TagEvent } from '../../contract/images-api.ts';
import { EXIT, type Cli } from '../cli.ts';
import { formatError } from '../report-error.ts';

const MAY_BE_ID = /@|^(?:sha256:)?[0-9a-f]{4,64}$/;

const EXAMPLES = `
Examples:
  varve rmi app:1
  varve rmi -f 3f2a9c7b11d0     every tag of this image
  varve tag --undo app:1        and back again

Removing takes the tags away; "varve prune" then frees the disk.`;

export function rmiCommand(cli: Cli): Command {
  return new Command('rmi')
    .description('Removes images by tag or ID. What they held stays until a prune after the grace period.')
    .argument('<ref...>', 'tags, digests or image IDs')
    .option('-f, --force', 'an ID takes all of its tags with it, and what is not there is no error')
    .addHelpText('after', EXAMPLES)
    .action((refs: string[], options: { readonly force?: true }) =>
      removeAll(cli, refs, options.force ?? false),
    );
}

/** Removes each in turn; one that cannot be removed does not keep the others, as with docker. */
async function removeAll(cli: Cli, refs: readonly string[], force: boolean): Promise<void> {
  await cli.withEngine(async (api) => {
    for (const ref of refs) {
      try {
        await remove(cli, api, ref, force);
      } catch (error) {
        if (!isEngineError(error) || error.code === 'CANCELLED') throw error;
        if (force && error.code === 'NOT_FOUND') continue;
        cli.stderr.line(formatError(error, cli));
        cli.exitWith(EXIT.failed);
      }
    }
  });
}

async function remove(cli: Cli, api: EngineApi, ref: string, force: boolean): Promise<void> {
  const removed = MAY_BE_ID.test(ref) ? await untagIfThere(api, ref) : await api.images.untag({ name: ref });
  if (removed !== undefined) return cli.stdout.line(`Untagged: ${removed.name}`);
  const names = await namesOfImage(api, ref, force);
  for (const name of names) {
    const event = await api.images.untag({ name }, { signal: cli.signal });
    cli.stdout.line(`Untagged: ${event.name}`);
  }
  if (names.length === 0) cli.stderr.line(`varve: no tag names ${ref}; "varve prune" frees it in its time`);
}

/** A name by digest that an image may be kept under: `app@sha256:…`, without a tag. */
const BY_DIGEST = /^(?:[^@]*\/)?[^:@/]+@/;

/** A tag may look like an image ID; then it is the tag that is meant. */
async function untagIfThere(api: EngineApi, name: string): Promise<TagEvent | undefined> {
  try {
    return !BY_DIGEST.test(name) && /[:@]/.test(name) ? undefined : await api.images.untag({ name });
  } catch (error) {
    if (isEngineError(error, 'NOT_FOUND')) return undefined;
    throw error;
  }
}

/** All tags of the image; CONFLICT when there are several and nothing says that all are meant. */
async function namesOfImage(api: EngineApi, ref: string, force: boolean): Promise<readonly string[]> {
  const { names } = await api.images.inspect({ ref });
  if (names.length <= 1 || force) return names;
  throw new EngineError('CONFLICT', `${ref} has several tags: ${names.join(', ')}`, {
    hint: 'Name the tag to remove, or remove all of them with -f.',
  });
}
