import type { TextPosition } from '../../contract/dockerfiles-api.ts';
import type { EngineApi } from '../../contract/engine-api.ts';
import { clampPosition } from '../dockerfile/language/clamp-position.ts';
import { folds } from '../dockerfile/language/folds.ts';
import { formatDockerfile } from '../dockerfile/language/format-dockerfile.ts';
import { outline } from '../dockerfile/language/outline.ts';
import { renameStage } from '../dockerfile/language/rename-stage.ts';
import { neededForTarget } from '../dockerfile/language/stage-links.ts';
import { symbolAt } from '../dockerfile/language/symbol-at.ts';
import { tokens } from '../dockerfile/language/tokens.ts';
import { readDockerfile } from '../dockerfile/read-dockerfile.ts';
import { complete } from '../language/complete.ts';
import { hover } from '../language/hover.ts';
import { Question, type DockerfileInput } from '../language/question.ts';
import type { LongOptions } from '../store/blob-store.ts';
import type { Store } from '../store/store.ts';

/** The `dockerfiles` area: what an editor asks. Each call reads the text anew; nothing is kept between calls. */
export function createDockerfilesCalls(store: Store): EngineApi['dockerfiles'] {
  return {
    complete: async (params, options = {}) => {
      const { question, position } = ask(store, params, options);
      return complete(question, position);
    },
    hover: async (params, options = {}) => {
      const { question, position } = ask(store, params, options);
      return hover(question, position);
    },
    symbol: async (params) => {
      const { question, position } = ask(store, params, {});
      return symbolAt(question.reading, position, question.globalValues()) ?? null;
    },
    rename: async ({ name, ...params }) => {
      const { question, position } = ask(store, params, {});
      const globals = question.globalValues();
      return { edits: [...renameStage(params.text, question.reading, { position, name, globals })] };
    },
    structure: async (params) => structure(new Question(store, params, {})),
    format: async ({ text, file = 'Dockerfile' }) => ({
      edits: formatDockerfile(readDockerfile(text, file)),
    }),
  };
}

function ask(
  store: Store,
  { position, ...input }: DockerfileInput & { readonly position: TextPosition },
  options: LongOptions,
): { readonly question: Question; readonly position: TextPosition } {
  const question = new Question(store, input, options);
  return { question, position: clampPosition(question.reading.lines, position) };
}

function structure(question: Question): Awaited<ReturnType<EngineApi['dockerfiles']['structure']>> {
  const { reading, target } = question;
  const stages = outline(reading, neededForTarget(reading.dockerfile, target, question.globalValues()));
  return { outline: stages, folds: folds(reading, stages), tokens: tokens(reading) };
}
