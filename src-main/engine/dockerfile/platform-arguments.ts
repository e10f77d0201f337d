import type { Environment } from './expand-word.ts';

/** A platform as `os/arch/variant`, split. */
export interface PlatformParts {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string | undefined;
  readonly osVersion?: string | undefined;
}

export interface PlatformArgumentOptions {
  readonly buildPlatform: PlatformParts;
  readonly targetPlatform: PlatformParts;
  /** The target as it is asked for, or the name of the stage that is built; empty when it has none. */
  readonly targetStage: string;
  /** From the command line; one of the names below replaces the value. */
  readonly buildArgs: Environment;
}

/** `os/arch` or `os/arch/variant`. */
export function formatPlatform(platform: PlatformParts): string {
  const parts = [platform.os, platform.architecture, platform.variant ?? ''];
  return parts.filter((part) => part !== '').join('/');
}

function named(prefix: 'BUILD' | 'TARGET', platform: PlatformParts): [string, string][] {
  return [
    [`${prefix}PLATFORM`, formatPlatform(platform)],
    [`${prefix}OS`, platform.os],
    [`${prefix}OSVERSION`, platform.osVersion ?? ''],
    [`${prefix}ARCH`, platform.architecture],
    [`${prefix}VARIANT`, platform.variant ?? ''],
  ];
}

/** The arguments that every Dockerfile has in its global scope: TARGETPLATFORM, BUILDARCH and so on. */
export function platformArguments(options: PlatformArgumentOptions): Environment {
  const { buildPlatform, targetPlatform, targetStage, buildArgs } = options;
  const entries: [string, string][] = [
    ...named('BUILD', buildPlatform),
    ...named('TARGET', targetPlatform),
    ['TARGETSTAGE', targetStage === '' ? 'default' : targetStage],
  ];
  return new Map(entries.map(([name, value]) => [name, buildArgs.get(name) ?? value]));
}
