import type { Descriptor } from '../oci/descriptor.ts';
import type { ContainerConfig, HistoryEntry, ImageConfig } from '../oci/image-config.ts';
import type { Manifest } from '../oci/manifest.ts';
import { canonicalJson, orderMembers, sortMembers } from './canonical-json.ts';

/** The members in the order in which image-spec's Go types have them. */
const CONFIG = [
  'User',
  'ExposedPorts',
  'Env',
  'Entrypoint',
  'Cmd',
  'Volumes',
  'WorkingDir',
  'Labels',
  'StopSignal',
  'ArgsEscaped',
  'Healthcheck',
  'OnBuild',
  'Shell',
];
const IMAGE = [
  'created',
  'author',
  'architecture',
  'variant',
  'os',
  'os.version',
  'os.features',
  'config',
  'rootfs',
  'history',
];
const HISTORY = ['created', 'created_by', 'author', 'comment', 'empty_layer'];
const HEALTHCHECK = ['Test', 'Interval', 'Timeout', 'StartPeriod', 'StartInterval', 'Retries'];
const DESCRIPTOR = ['mediaType', 'digest', 'size', 'urls', 'annotations', 'data', 'platform', 'artifactType'];
const MANIFEST = ['schemaVersion', 'mediaType', 'artifactType', 'config', 'layers', 'subject', 'annotations'];

/** The bytes of an image config: always the same for the same members. */
export function encodeImageConfig(config: ImageConfig): Uint8Array {
  return canonicalJson(
    orderMembers(
      {
        ...config,
        config: config.config == null ? undefined : orderConfig(config.config),
        rootfs: orderMembers(config.rootfs, ['type', 'diff_ids']),
        history: config.history?.map((entry: HistoryEntry) => orderMembers(entry, HISTORY)),
      },
      IMAGE,
    ),
  );
}

function orderConfig(config: ContainerConfig): object {
  const { ExposedPorts, Volumes, Labels, Healthcheck } = config;
  return orderMembers(
    {
      ...config,
      ExposedPorts: ExposedPorts == null ? undefined : sortMembers(ExposedPorts),
      Volumes: Volumes == null ? undefined : sortMembers(Volumes),
      Labels: Labels == null ? undefined : sortMembers(Labels),
      Healthcheck: Healthcheck == null ? undefined : orderMembers(Healthcheck, HEALTHCHECK),
    },
    CONFIG,
  );
}

/** The bytes of a manifest: always the same for the same members. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  return canonicalJson(
    orderMembers(
      { ...manifest, config: orderDescriptor(manifest.config), layers: manifest.layers.map(orderDescriptor) },
      MANIFEST,
    ),
  );
}

export function orderDescriptor(descriptor: Descriptor): Record<string, unknown> {
  const { annotations } = descriptor;
  return orderMembers(
    { ...descriptor, annotations: annotations === undefined ? undefined : sortMembers(annotations) },
    DESCRIPTOR,
  );
}
