import { expect, test } from 'vitest';
import { parseManifest } from '../../../src-main/engine/oci/manifest.ts';
import { referrerKind } from '../../../src-main/engine/oci/referrer-kind.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const EMPTY = 'application/vnd.oci.empty.v1+json';
const IMAGE_CONFIG = 'application/vnd.oci.image.config.v1+json';

interface Said {
  readonly artifactType?: string;
  readonly config?: string;
  readonly layer?: string;
  readonly layerNotes?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly tag?: string;
}

function kindOf({
  artifactType,
  config = EMPTY,
  layer = EMPTY,
  layerNotes,
  annotations,
  tag,
}: Said): unknown {
  const descriptor = (mediaType: string) => ({ mediaType, digest: DIGEST, size: 2 });
  const manifest = {
    schemaVersion: 2,
    ...(artifactType === undefined ? {} : { artifactType }),
    config: descriptor(config),
    layers: [{ ...descriptor(layer), ...(layerNotes === undefined ? {} : { annotations: layerNotes }) }],
    ...(annotations === undefined ? {} : { annotations }),
  };
  return referrerKind(parseManifest(Buffer.from(JSON.stringify(manifest))), tag);
}

const SIGNATURE = { kind: 'signature', types: [] };
const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const predicate = (type: string) => ({
  'dev.sigstore.bundle.content': 'dsse-envelope',
  'dev.sigstore.bundle.predicateType': type,
});

const CASES: readonly (readonly [string, Said, object])[] = [
  [
    "cosign's signature by its tag",
    { config: IMAGE_CONFIG, layer: 'application/x', tag: 'sha256-a.sig' },
    SIGNATURE,
  ],
  [
    "cosign's signature with a subject",
    { artifactType: 'application/vnd.dev.cosign.artifact.sig.v1+json' },
    SIGNATURE,
  ],
  ["notation's signature", { artifactType: 'application/vnd.cncf.notary.signature' }, SIGNATURE],
  [
    "sigstore's bundle that signs",
    { artifactType: BUNDLE, annotations: predicate('https://sigstore.dev/cosign/sign/v1') },
    SIGNATURE,
  ],
  [
    "sigstore's bundle of a message's signature",
    { artifactType: BUNDLE, annotations: { 'dev.sigstore.bundle.content': 'message-signature' } },
    SIGNATURE,
  ],
  [
    "sigstore's bundle that attests",
    { artifactType: BUNDLE, annotations: predicate('https://slsa.dev/provenance/v1') },
    { kind: 'attestation', types: ['https://slsa.dev/provenance/v1'] },
  ],
  [
    "cosign's attestation of an SBOM",
    {
      config: IMAGE_CONFIG,
      layer: 'application/vnd.dsse.envelope.v1+json',
      layerNotes: { predicateType: 'https://spdx.dev/Document' },
      tag: 'sha256-a.att',
    },
    { kind: 'attestation', types: ['https://spdx.dev/Document'] },
  ],
  [
    'an attestation that does not say what it states',
    { artifactType: 'application/vnd.in-toto+json' },
    { kind: 'attestation', types: [] },
  ],
  [
    'an SBOM by its type',
    { artifactType: 'application/vnd.cyclonedx+json' },
    { kind: 'sbom', types: ['application/vnd.cyclonedx+json'] },
  ],
  [
    "cosign's SBOM by its tag",
    { config: IMAGE_CONFIG, layer: 'text/spdx', tag: 'sha256-a.sbom' },
    { kind: 'sbom', types: ['text/spdx'] },
  ],
  [
    'anything else',
    { artifactType: 'application/vnd.example.scan', layer: 'text/plain' },
    { kind: 'artifact', types: ['application/vnd.example.scan'] },
  ],
  ['what says nothing', {}, { kind: 'artifact', types: [] }],
];

test.each(CASES)('%s', (_, said, kind) => {
  expect(kindOf(said)).toEqual(kind);
});
