import type { Platform } from '../../../contract/oci-types.ts';
import type { HistoryEntry, ImageConfig } from '../../oci/image-config.ts';
import { canonicalJson } from '../../image/canonical-json.ts';
import { digestOf } from '../../oci/digest.ts';
import type { BuildRun } from '../build-run.ts';
import type { StageState } from '../stage-state.ts';

const CREATED = 'build-created';

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
  return { ...untimed, created, history: state.history.map((entry) => withTime(run, entry, created)) };
}

/** The platform that was asked for, whatever the last stage is made on; without one, that of the last stage. */
function finalPlatform(run: BuildRun, state: StageState): Platform {
  const { platform } = run.request;
  if (platform === undefined) return state.platform;
  const isSame = platform.os === state.platform.os && platform.architecture === state.platform.architecture;
  return isSame && platform.variant === undefined ? state.platform : platform;
}

/** Metadata instructions have the image's time; with SOURCE_DATE_EPOCH all of this build have that. */
function withTime(run: BuildRun, entry: HistoryEntry, created: string): HistoryEntry {
  if (entry.created === undefined) return { ...entry, created };
  const isOurs = run.request.sourceDateEpoch !== undefined && entry.comment === 'buildkit.dockerfile.v0';
  return isOurs && Date.parse(entry.created) > (run.request.sourceDateEpoch ?? 0) * 1000
    ? { ...entry, created }
    : entry;
}

/** The time of the first build that gave this very image, or now. */
function createdTime(run: BuildRun, untimed: ImageConfig): string {
  if (run.request.sourceDateEpoch !== undefined) {
    return new Date(run.request.sourceDateEpoch * 1000).toISOString();
  }
  const { records } = run.deps.store;
  const key = digestOf(canonicalJson(untimed));
  const known = run.request.noCache ? undefined : records.get(CREATED, key);
  if (known !== undefined) return Buffer.from(known).toString();
  const created = new Date(run.startedMs).toISOString();
  records.put(CREATED, key, Buffer.from(created));
  return created;
}
