import { didYouMean } from '../did-you-mean.ts';
import { dockerfileError } from '../dockerfile-error.ts';
import type { FromInstruction, Word } from '../instruction.ts';
import { missingArgument } from '../arguments.ts';
import { readFlags } from '../read-flags.ts';
import type { Statement } from '../statement.ts';
import { splitWords } from '../words.ts';

const STAGE_NAME = /^[a-z][a-z0-9-_.]*$/;
const HINT = 'Write FROM image, or FROM image AS name.';

function parseAs(keyword: Word, name: Word): { keyword: Word; name: Word } {
  if (keyword.text.toLowerCase() !== 'as') {
    const message = `FROM requires either one or three arguments: ${keyword.text} is not AS`;
    throw dockerfileError(
      message,
      keyword.location,
      didYouMean(keyword.text.toUpperCase(), ['AS'], keyword.location, HINT),
    );
  }
  if (!STAGE_NAME.test(name.text.toLowerCase())) {
    const message = `invalid name for a build stage: ${name.text}`;
    const hint = 'A name starts with a letter; letters, digits, "-", "_" and "." may follow.';
    throw dockerfileError(message, name.location, hint);
  }
  return { keyword, name };
}

export function parseFrom(statement: Statement): FromInstruction {
  const [image, keyword, name, ...rest] = splitWords(statement.args);
  if (image === undefined) throw missingArgument(statement, 'either one or three arguments', HINT);
  const extra = rest[0] ?? (name === undefined ? keyword : undefined);
  if (extra !== undefined) {
    const message = `FROM requires either one or three arguments: ${extra.text} is one too many`;
    throw dockerfileError(message, extra.location, HINT);
  }
  const as = keyword === undefined || name === undefined ? undefined : parseAs(keyword, name);
  const { platform } = readFlags(statement, { platform: 'text' });
  return {
    ...statement.base,
    kind: 'from',
    image,
    platform: platform?.value === '' ? undefined : platform?.value,
    stageName: as?.name.text.toLowerCase(),
    as,
  };
}
