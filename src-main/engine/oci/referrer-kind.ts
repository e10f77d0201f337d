import type { ImageReferrer } from '../../contract/images-api.ts';
import type { Manifest } from './manifest.ts';

/** What tools say of what their documents state: BuildKit, cosign's attestations, sigstore's bundles. */
const PREDICATE_ANNOTATIONS = [
  'in-toto.io/predicate-type',
  'predicateType',
  'dev.sigstore.bundle.predicateType',
];

/** What cosign's bundles that are signatures state. */
const SIGNING = 'https://sigstore.dev/cosign/sign/';

/** What says nothing of what an artifact is (image-spec, "Guidance for an Empty Descriptor"). */
const VOID_TYPES =
  /^application\/vnd\.oci\.(?:empty\.v1\+json|image\.config\.v1\+json|image\.layer\.|unknown)/;

const SIGNATURE = /simplesigning|cosign\.artifact\.sig|notary\.signature|signature/i;
const ATTESTATION = /in-toto|dsse|attestation/i;
const SBOM = /spdx|cyclonedx|syft|sbom/i;

/** What a manifest that refers to an image is, by all that it says of itself and by the tag that it had. */
export function referrerKind(
  manifest: Manifest,
  tag: string | undefined,
): Pick<ImageReferrer, 'kind' | 'types'> {
  const predicates = predicatesOf(manifest);
  const types = typesOf(manifest);
  const is = (what: RegExp): boolean => types.some((type) => what.test(type));
  if (tag?.endsWith('.sig') === true || predicates.some((type) => type.startsWith(SIGNING))) {
    return { kind: 'signature', types: [] };
  }
  if (predicates.length > 0 || tag?.endsWith('.att') === true)
    return { kind: 'attestation', types: predicates };
  if (is(SIGNATURE)) return { kind: 'signature', types: [] };
  if (is(SBOM) || tag?.endsWith('.sbom') === true)
    return { kind: 'sbom', types: types.filter((type) => SBOM.test(type)) };
  if (is(ATTESTATION)) return { kind: 'attestation', types: [] };
  return { kind: 'artifact', types: types.slice(0, 1) };
}

function predicatesOf({ annotations, layers }: Manifest): string[] {
  const told = [annotations, ...layers.map((layer) => layer.annotations)];
  return unique(told.flatMap((notes) => PREDICATE_ANNOTATIONS.flatMap((name) => notes?.[name] ?? [])));
}

/** Its own type first, else that of its config, then those of its layers. */
function typesOf({ artifactType, config, layers, annotations }: Manifest): string[] {
  const bundle = annotations?.['dev.sigstore.bundle.content'] ?? '';
  const types = [artifactType ?? config.mediaType, ...layers.map(({ mediaType }) => mediaType), bundle];
  return unique(types.filter((type) => type !== '' && !VOID_TYPES.test(type)));
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
