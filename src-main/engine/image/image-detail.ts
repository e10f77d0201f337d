import type { ImageDetail } from '../../contract/images-api.ts';
import type { ContainerConfig } from '../oci/image-config.ts';
import { familiarReference, parseReference } from '../oci/reference.ts';
import type { Store } from '../store/store.ts';
import { historyRows } from './history-rows.ts';
import { sizesOf } from './image-rows.ts';
import { imageParts } from './image-parts.ts';
import { imageReferrers } from './image-referrers.ts';
import { inspectDocument } from './inspect-document.ts';
import { resolveImage } from './resolve-image.ts';

/** See the contract's `images.inspect`. */
export async function imageDetail(store: Store, ref: string): Promise<ImageDetail> {
  const { image, descriptor } = await resolveImage(store, ref);
  const tags = store.tags.list().filter(({ digest }) => digest === descriptor.digest);
  const { config } = image;
  const parts = await imageParts(store, descriptor.digest);
  const referrers = await imageReferrers(store, descriptor.digest, parts);
  const { sizeBytes } = sizesOf(store, image);
  return {
    digest: descriptor.digest,
    imageId: image.imageId,
    names: tags.map(({ name }) => familiarReference(parseReference(name))),
    mediaType: descriptor.mediaType,
    platform: image.platform,
    parts,
    referrers,
    author: config.author,
    createdAt: config.created ?? undefined,
    sizeBytes,
    config: readableConfig(config.config ?? {}),
    history: historyRows(image),
    inspect: inspectDocument(image, { digest: descriptor.digest, tags, sizeBytes, parts, referrers }),
  };
}

export function readableConfig(config: ContainerConfig): ImageDetail['config'] {
  return {
    user: config.User ?? '',
    workingDir: config.WorkingDir ?? '',
    env: (config.Env ?? []).map(splitVariable),
    entrypoint: config.Entrypoint ?? undefined,
    cmd: config.Cmd ?? undefined,
    shell: config.Shell ?? undefined,
    exposedPorts: Object.keys(config.ExposedPorts ?? {}).sort(),
    volumes: Object.keys(config.Volumes ?? {}).sort(),
    labels: Object.entries(config.Labels ?? {})
      .map(([name, value]) => ({ name, value }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    stopSignal: config.StopSignal,
    healthcheck: config.Healthcheck ?? undefined,
    onBuild: config.OnBuild ?? [],
  };
}

function splitVariable(text: string): { readonly name: string; readonly value: string } {
  const at = text.indexOf('=');
  return at < 0 ? { name: text, value: '' } : { name: text.slice(0, at), value: text.slice(at + 1) };
}
