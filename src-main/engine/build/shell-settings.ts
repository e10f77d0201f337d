import { z } from 'zod';
import { ulimitSchema } from '../../contract/builds-api.ts';
import { digestSchema } from '../../contract/oci-types.ts';
import { descriptorSchema } from '../oci/descriptor.ts';
import type { SandboxCommand, SandboxMount } from '../sandbox/sandbox.ts';

const layersSchema = z.array(z.object({ descriptor: descriptorSchema, diffId: digestSchema }));

/** Mounts that can be made again later: neither secrets nor agents. */
const mountSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('layers'),
    target: z.string(),
    layers: layersSchema,
    source: z.string(),
    readOnly: z.boolean(),
  }),
  z.object({
    type: z.literal('cache'),
    target: z.string(),
    id: z.string(),
    name: z.string(),
    sharing: z.enum(['shared', 'private', 'locked']),
    readOnly: z.boolean(),
    uid: z.number(),
    gid: z.number(),
    mode: z.number(),
  }),
  z.object({ type: z.literal('tmpfs'), target: z.string(), sizeBytes: z.number().optional() }),
]);

/** How a command was run, so that a shell can stand where it stood: its secrets are left out. */
const shellSettingsSchema = z.object({
  env: z.array(z.string()),
  cwd: z.string(),
  user: z.string(),
  network: z.enum(['host', 'none']),
  hostname: z.string(),
  addHosts: z.array(z.object({ host: z.string(), ip: z.string() })),
  ulimits: z.array(ulimitSchema).optional(),
  shmSizeBytes: z.number().optional(),
  mounts: z.array(mountSchema),
});
export type ShellSettings = z.output<typeof shellSettingsSchema>;

export function toShellSettings(command: SandboxCommand): ShellSettings {
  const mounts = command.mounts.filter(isKept);
  // Members that have no place in the settings, secret variables among them, are dropped by parsing.
  return shellSettingsSchema.parse({ ...command, mounts });
}

/** The settings with mounts that a command takes; undefined for what another version wrote. */
export function readShellSettings(
  value: unknown,
): (Omit<ShellSettings, 'mounts'> & { readonly mounts: readonly SandboxMount[] }) | undefined {
  const settings = shellSettingsSchema.safeParse(value).data;
  return settings && { ...settings, mounts: settings.mounts.map(toMount) };
}

function toMount(mount: ShellSettings['mounts'][number]): SandboxMount {
  switch (mount.type) {
    case 'layers':
      return mount;
    case 'cache':
      return { ...mount, initial: undefined };
    case 'tmpfs':
      return { ...mount, sizeBytes: mount.sizeBytes };
  }
}

function isKept({ type }: SandboxMount): boolean {
  return type === 'layers' || type === 'cache' || type === 'tmpfs';
}
