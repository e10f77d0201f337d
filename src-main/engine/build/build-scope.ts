import type { BuildRequest } from '../../contract/builds-api.ts';
import type { Platform } from '../../contract/oci-types.ts';
import type { Dockerfile } from '../dockerfile/dockerfile.ts';
import { targetStageName } from '../dockerfile/find-target.ts';
import { globalArguments } from '../dockerfile/global-arguments.ts';
import { platformArguments } from '../dockerfile/platform-arguments.ts';
import { hostPlatform } from '../oci/platform.ts';

/** The variables before the first FROM of a build, with the automatic platform arguments. */
export function buildScope(
  request: BuildRequest,
  dockerfile: Dockerfile,
  targetPlatform: Platform,
): ReadonlyMap<string, string> {
  const buildArgs = new Map(Object.entries(request.buildArgs));
  const targetStage = targetStageName(dockerfile, request.target);
  const platforms = { buildPlatform: hostPlatform(), targetPlatform, targetStage, buildArgs };
  return globalArguments(dockerfile, platformArguments(platforms), buildArgs);
}
