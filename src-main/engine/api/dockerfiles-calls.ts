import type { EngineApi } from '../../contract/engine-api.ts';
import { folds } from '../dockerfile/language/folds.ts';
import { formatDockerfile } from '../dockerfile/language/format-dockerfile.ts';
import { outline } from '../dockerfile/language/outline.ts';
import { renameStage } from '../dockerfile/language/rename-stage.ts';
import { neededStages } from '../dockerfile/language/stage-links.ts';
import { symbolAt } from '../dockerfile/language/symbol-at.ts';
import { tokens } from '../dockerfile/language/tokens.ts';
import { readDockerfile } from '../dockerfile/read-dockerfile.ts';
import { complete } from '../language/complete.ts';
import { hover } from '../language/hover.ts';
import { Question, type DockerfileInput } from '../language/question.ts';
import type { Store } from '../store/store.ts';

/** The `dockerfiles` area: what an editor asks. Each call reads the text anew; nothing is kept between calls. */
export function createDockerfilesCalls(store: Store): EngineApi['dockerfiles'] {
  return {
    complete: async ({ position, ...input }, options = {}) =>
      complete(new Question(store, input, options), position),
    hover: async ({ position, ...input }, options = {}) =>
      hover(new Question(store, input, options), position),
    symbol: async ({ position, ...input }) => {
      const question = new Question(store, input, {});
      return symbolAt(question.reading, position, question.globalValues()) ?? null;
    },
    rename: async ({ position, name, ...input }) => {
      const { reading, globals } = globalsOf(store, input);
      return { edits: [...renameStage(input.text, reading, { position, name, globals })] };
    },
    structure: async (input) => structure(new Question(store, input, {})),
    format: async ({ text, file = 'Dockerfile' }) => ({
      edits: formatDockerfile(readDockerfile(text, file)),
    }),
  };
}

function globalsOf(store: Store, input: DockerfileInput) {
  const question = new Question(store, input, {});
  return { reading: question.reading, globals: question.globalValues() };
}

function structure(question: Question) {
  const { reading, target } = question;
  const stages = outline(reading, neededStages(reading.dockerfile, target, question.globalValues()));
  return { outline: stages, folds: folds(reading, stages), tokens: tokens(reading) };
}
