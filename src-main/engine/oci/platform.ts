import { arch } from 'node:process';
import type { Platform } from '../../contract/oci-types.ts';
import { EngineError } from '../../contract/errors.ts';

const ARCHITECTURES: Readonly<Record<string, { architecture: string; variant?: string }>> = {
  x86_64: { architecture: 'amd64' },
  'x86-64': { architecture: 'amd64' },
  amd64: { architecture: 'amd64' },
  i386: { architecture: '386' },
  i486: { architecture: '386' },
  i586: { architecture: '386' },
  i686: { architecture: '386' },
  aarch64: { architecture: 'arm64' },
  arm64: { architecture: 'arm64' },
  armhf: { architecture: 'arm', variant: 'v7' },
  armel: { architecture: 'arm', variant: 'v6' },
  arm: { architecture: 'arm', variant: 'v7' },
};

/** Parses `os/arch[/variant]`, `arch` or `os`, with the aliases that containerd normalises. */
export function parsePlatform(text: string): Platform {
  const parts = text.toLowerCase().split('/');
  if (parts.length > 3 || parts.some((part) => !/^[a-z0-9_.-]+$/.test(part))) throw badPlatform(text);
  const [first = '', second, third] = parts;
  if (second === undefined) return parseBarePlatform(first, text);
  return normalise(first === 'macos' ? 'darwin' : first, second, third);
}

function parseBarePlatform(word: string, text: string): Platform {
  if (['linux', 'windows', 'darwin', 'freebsd', 'macos'].includes(word)) {
    return { os: word === 'macos' ? 'darwin' : word, architecture: hostPlatform().architecture };
  }
  if (ARCHITECTURES[word] !== undefined || /^(?:ppc64le|s390x|riscv64|loong64|mips64le|wasm)$/.test(word)) {
    return normalise('linux', word, undefined);
  }
  throw badPlatform(text);
}

function normalise(os: string, architecture: string, variant: string | undefined): Platform {
  const known = ARCHITECTURES[architecture];
  const arch = known?.architecture ?? architecture;
  const chosen = variant ?? known?.variant;
  if (
    chosen === undefined ||
    (arch === 'arm64' && (chosen === 'v8' || chosen === '8')) ||
    (arch === 'amd64' && chosen === 'v1')
  ) {
    return { os, architecture: arch };
  }
  return { os, architecture: arch, variant: /^\d$/.test(chosen) ? `v${chosen}` : chosen };
}

function badPlatform(text: string): EngineError {
  return new EngineError('INVALID_INPUT', `not a platform: ${JSON.stringify(text)}`, {
    hint: 'A platform is os/architecture[/variant], for example linux/amd64 or linux/arm/v7.',
  });
}

export function formatPlatform(platform: Platform): string {
  return [platform.os, platform.architecture, platform.variant]
    .filter((part) => part !== undefined)
    .join('/');
}

/** Without what nobody chooses by. */
export function plainPlatform({ os, architecture, variant }: Platform): Platform {
  return variant === undefined || variant === '' ? { os, architecture } : { os, architecture, variant };
}

/** The platform that containers run on here: Linux on this machine's architecture. */
export function hostPlatform(): Platform {
  if (arch === 'x64') return { os: 'linux', architecture: 'amd64' };
  if (arch === 'ia32') return { os: 'linux', architecture: '386' };
  return arch === 'arm'
    ? { os: 'linux', architecture: 'arm', variant: 'v7' }
    : { os: 'linux', architecture: arch };
}

/** True when both name the same platform; a missing variant of arm is v7. */
export function isSamePlatform(a: Platform, b: Platform): boolean {
  const left = normalise(a.os, a.architecture, a.variant);
  const right = normalise(b.os, b.architecture, b.variant);
  return formatPlatform(left) === formatPlatform(right);
}
