import type { ResolvedImage } from '../image/resolve-image.ts';
import { sizesOf } from '../image/image-rows.ts';
import { formatPlatform } from '../oci/platform.ts';
import type { Store } from '../store/store.ts';
import { formatBytes } from './format-bytes.ts';
import type { HoverText } from './hover-text.ts';

type Fact = HoverText['facts'][number];

function fact(name: string, value: string | undefined): readonly Fact[] {
  return value === undefined || value === '' ? [] : [{ name, value }];
}

function list(values: readonly string[] | null | undefined): string | undefined {
  return values == null || values.length === 0 ? undefined : JSON.stringify(values);
}

/** What a build takes over from an image. */
function factsOf(store: Store, { image, descriptor }: ResolvedImage): Fact[] {
  const { config: container, created } = image.config;
  const { sizeBytes, unpackedBytes } = sizesOf(store, image);
  return [
    { name: 'Digest', value: descriptor.digest, digest: descriptor.digest },
    ...fact('Size', formatBytes(sizeBytes)),
    ...fact('Unpacked', unpackedBytes === undefined ? undefined : formatBytes(unpackedBytes)),
    ...fact('Platform', formatPlatform(image.platform)),
    ...fact('Created', created ?? undefined),
    ...fact('Layers', String(image.layers.length)),
    ...fact('ENTRYPOINT', list(container?.Entrypoint)),
    ...fact('CMD', list(container?.Cmd)),
    ...fact('USER', container?.User),
    ...fact('WORKDIR', container?.WorkingDir),
    ...fact('EXPOSE', Object.keys(container?.ExposedPorts ?? {}).join(' ')),
    ...fact('VOLUME', Object.keys(container?.Volumes ?? {}).join(' ')),
    ...fact('ENV', (container?.Env ?? []).join('\n')),
    ...fact('ONBUILD', (container?.OnBuild ?? []).join('\n')),
  ];
}

/** An image that FROM or `--from` names: what the store knows of it. */
export function hoverImage(name: string, store: Store, known: ResolvedImage | undefined): HoverText {
  if (name === 'scratch') {
    return { title: name, text: ['Nothing: the stage begins with an empty file system.'], facts: [] };
  }
  if (known !== undefined) return { title: name, text: [], facts: factsOf(store, known) };
  return { title: name, text: ['Not in the store yet: a build pulls it.'], facts: [] };
}
