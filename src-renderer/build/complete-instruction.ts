import type { CompletionContext, CompletionResult } from '@codemirror/autocomplete';

const INSTRUCTIONS =
  'ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR';

const options = INSTRUCTIONS.split(' ').map((label) => ({ label, type: 'keyword', apply: `${label} ` }));

/** Offers instructions where one can begin: the first word of a line that no `\` continues. */
export function completeInstruction(context: CompletionContext): CompletionResult | null {
  const line = context.state.doc.lineAt(context.pos);
  const before = line.text.slice(0, context.pos - line.from);
  if (!/^[A-Za-z]+$/.test(before)) return null;
  const above = line.number > 1 ? context.state.doc.line(line.number - 1).text : '';
  return /\\\s*$/.test(above) ? null : { from: line.from, options };
}
