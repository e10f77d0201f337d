import type { Platform } from '../../../contract/oci-types.ts';
import type { HistoryEntry, ImageConfig } from '../../oci/image-config.ts';
import { canonicalJson } from '../../image/canonical-json.ts';
import { digestOf } from '../../oci/digest.ts';
import type { BuildRun } from '../build-run.ts';
import type { StageState } from '../stage-state.ts';
import { epochOf } from '../time-rules.ts';

/** The kind of the records that say when an image was first made. */
export const CREATED = 'build-created';

/** The image config of a finished stage. An unchanged build gives the same bytes as the one before it. */
export function imageDocument(run: BuildRun, state: StageState): ImageConfig {
  const labels = { ...state.config.Labels, ...run.request.labels };
  const config = Object.keys(labels).length === 0 ? state.config : { ...state.config, Labels: labels };
  const { os, architecture, variant } = finalPlatform(run, state);
  const untimed: ImageConfig = {
    ...state.inherited,
    ...(state.author === undefined ? {} : { author: state.author }),
    architecture,
    os,
    ...(variant === undefined ? {} : { variant }),
    config,
    rootfs: { type: 'layers', diff_ids: state.layers.map(({ diffId }) => diffId) },
    history: [...state.history],
  };
  const created = createdTime(run, untimed);
  return { ...untimed, created, history: timedHistory(run, state, created) };
}

/** The platform that was asked for, whatever the last stage is made on; without one, that of the last stage. */
function finalPlatform(run: BuildRun, state: StageState): Platform {
  const { platform } = run.request;
  if (platform === undefined) return state.platform;
  const isSame = platform.os === state.platform.os && platform.architecture === state.platform.architecture;
  return isSame && platform.variant === undefined ? state.platform : platform;
}

/** Metadata instructions have the image's time; with SOURCE_DATE_EPOCH all have, but those of the base image. */
function timedHistory(run: BuildRun, state: StageState, created: string): HistoryEntry[] {
  const isFixed = epochOf(run.request) !== undefined;
  return state.history.map((entry, at) => {
    if (at < state.baseHistory) return entry;
    return isFixed || entry.created === undefined ? { ...entry, created } : entry;
  });
}

/** The time of the first build that gave this very image, or now. */
function createdTime(run: BuildRun, untimed: ImageConfig): string {
  const epoch = epochOf(run.request);
  if (epoch !== undefined) return new Date(epoch * 1000).toISOString();
  const { records } = run.deps.store;
  const key = digestOf(canonicalJson(untimed));
  const known = run.request.noCache ? undefined : records.get(CREATED, key);
  const created = known === undefined ? new Date(run.startedMs).toISOString() : Buffer.from(known).toString();
  if (known === undefined) records.put(CREATED, key, Buffer.from(created));
  run.cacheLog.addImage(key, created);
  return created;
}
