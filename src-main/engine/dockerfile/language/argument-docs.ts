/** The arguments that every build sets; a stage sees one after an ARG with its name. */
export const PLATFORM_ARGUMENTS: Readonly<Record<string, string>> = {
  TARGETPLATFORM: 'The platform that the image is for: linux/amd64.',
  TARGETOS: 'The system part of TARGETPLATFORM.',
  TARGETOSVERSION: 'The version part of TARGETPLATFORM.',
  TARGETARCH: 'The architecture part of TARGETPLATFORM: amd64, arm64.',
  TARGETVARIANT: 'The variant part of TARGETPLATFORM: v7.',
  TARGETSTAGE: 'The name of the stage that is built.',
  BUILDPLATFORM: 'The platform of the machine that builds.',
  BUILDOS: 'The system part of BUILDPLATFORM.',
  BUILDOSVERSION: 'The version part of BUILDPLATFORM.',
  BUILDARCH: 'The architecture part of BUILDPLATFORM.',
  BUILDVARIANT: 'The variant part of BUILDPLATFORM.',
};

/** Arguments that RUN sees without an ARG when the build is given them, and that no history shows. */
export const PROXY_ARGUMENTS: readonly string[] = [
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'FTP_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
];

/** Labels of the OCI image specification (annotations.md). */
export const OCI_LABELS: Readonly<Record<string, string>> = {
  'org.opencontainers.image.title': 'The image’s name for people.',
  'org.opencontainers.image.description': 'What it is, in a sentence.',
  'org.opencontainers.image.version': 'The version of what is packed.',
  'org.opencontainers.image.source': 'Where the source code is.',
  'org.opencontainers.image.revision': 'The revision of the source code.',
  'org.opencontainers.image.licenses': 'The licences, as an SPDX expression.',
  'org.opencontainers.image.authors': 'Who looks after it.',
  'org.opencontainers.image.vendor': 'Who publishes it.',
  'org.opencontainers.image.url': 'Where to read more.',
  'org.opencontainers.image.documentation': 'Where its manual is.',
  'org.opencontainers.image.created': 'When it was built (RFC 3339).',
  'org.opencontainers.image.ref.name': 'The name of the reference it is known by.',
  'org.opencontainers.image.base.name': 'The image that it is built on.',
  'org.opencontainers.image.base.digest': 'The digest of that image.',
};
