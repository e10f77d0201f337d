import type { EngineApi } from '../contract/engine-api.ts';
import { EngineError } from '../contract/errors.ts';
import type { Platform } from '../contract/oci-types.ts';

/** The name of the image for a platform in what `ref` names; `ref` itself without a wish. */
export async function refForPlatform(
  api: EngineApi,
  ref: string,
  wanted: string | undefined,
): Promise<string> {
  if (wanted === undefined) return ref;
  const { formatPlatform, isSamePlatform, parsePlatform } = await import('../engine/engine.ts');
  const platform = parsePlatform(wanted);
  const { parts, platform: own } = await api.images.inspect({ ref });
  const isWanted = (each: Platform | undefined) => each !== undefined && isSamePlatform(each, platform);
  const fitting = parts.filter((part) => part.kind === 'image' && isWanted(part.platform));
  const here = fitting.find(({ isHere }) => isHere);
  if (here !== undefined) return here.digest;
  if (parts.length === 0 && isWanted(own)) return ref;
  const name = formatPlatform(platform);
  if (fitting.length > 0) {
    throw new EngineError('NOT_FOUND', `the image for ${name} of ${ref} was not brought here`, {
      hint: `Pull it with --platform ${name}, or with --all-platforms.`,
    });
  }
  const there = parts.flatMap((part) => (part.platform === undefined ? [] : formatPlatform(part.platform)));
  throw new EngineError('NOT_FOUND', `${ref} has no image for ${name}`, {
    hint: `It has: ${there.length === 0 ? formatPlatform(own) : there.join(', ')}.`,
  });
}
