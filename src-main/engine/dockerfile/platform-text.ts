/** An operating system and an architecture as a platform's text gives them, normalised. */
export interface PlatformNames {
  readonly os: string;
  readonly architecture: string;
  /** `os/arch` or `os/arch/variant`. */
  readonly text: string;
}

const ARCHITECTURES: ReadonlyMap<string, string> = new Map([
  ['x86_64', 'amd64'],
  ['x86-64', 'amd64'],
  ['i386', '386'],
  ['aarch64', 'arm64'],
  ['armhf', 'arm'],
  ['armel', 'arm'],
]);
const PART = /^[A-Za-z0-9_.-]+(?:\([A-Za-z0-9_.-]+\))?$/;
const OPERATING_SYSTEMS =
  /^(?:aix|android|darwin|dragonfly|freebsd|hurd|illumos|ios|js|linux|macos|nacl|netbsd|openbsd|plan9|solaris|wasip1|windows|zos)$/;
const KNOWN_ARCHITECTURE =
  /^(?:386|amd64|amd64p32|arm|armbe|arm64|arm64be|loong64|mips|mipsle|mips64|mips64le|mips64p32|mips64p32le|ppc|ppc64|ppc64le|riscv|riscv64|s390|s390x|sparc|sparc64|wasm)$/;

/** Reads `linux/amd64`, `arm64`, `linux/arm/v7`; undefined when the text is no platform. */
export function parsePlatformText(text: string): PlatformNames | undefined {
  const parts = text.toLowerCase().split('/');
  if (parts.length > 3 || parts.some((part) => !PART.test(part))) return undefined;
  const [first = '', second, variant] = parts;
  const isSystem = second !== undefined || OPERATING_SYSTEMS.test(first);
  const os = isSystem ? first.replace(/\(.*\)$/, '') : 'linux';
  const written = isSystem ? (second ?? 'amd64') : first;
  const architecture = ARCHITECTURES.get(written) ?? written;
  if (!isSystem && !KNOWN_ARCHITECTURE.test(architecture)) return undefined;
  const shown = variant !== undefined && !(architecture === 'arm64' && variant === 'v8') ? `/${variant}` : '';
  return { os, architecture, text: `${os}/${architecture}${shown}` };
}
