import { missingArgument } from '../arguments.ts';
import { dockerfileError } from '../dockerfile-error.ts';
import type { OnbuildInstruction } from '../instruction.ts';
import { parseJsonArray } from '../json-array.ts';
import { readFlags } from '../read-flags.ts';
import { spanText, splitStatement } from '../statement.ts';
import type { Statement, StatementHead } from '../statement.ts';
import { parseKeyValues } from './key-values.ts';

const KEYWORD = /^[\t\n\f\r ]*ONBUILD[\t\n\f\r ]*/i;
const TAKES_JSON = ['add', 'cmd', 'copy', 'entrypoint', 'run', 'shell', 'volume'];

/** What is looked at before the trigger fires: all else is parsed in the build that it fires in. */
function checkTrigger(statement: Statement, head: StatementHead): void {
  const name = head.keyword.text.toLowerCase();
  if (TAKES_JSON.includes(name)) parseJsonArray(head.args);
  if ((name === 'env' || name === 'label') && spanText(head.args) !== '') {
    parseKeyValues({ ...statement, base: { ...statement.base, flags: [] }, name, args: head.args });
  }
}

function refuse(head: StatementHead): void {
  const name = head.keyword.text.toUpperCase();
  if (name === 'ONBUILD') {
    throw dockerfileError('ONBUILD ONBUILD is not allowed', head.keyword.location, 'Write ONBUILD once.');
  }
  if (name === 'FROM' || name === 'MAINTAINER') {
    const hint = 'Use another instruction, or write it in the Dockerfile that builds on this image.';
    throw dockerfileError(`${name} is not allowed as an ONBUILD trigger`, head.keyword.location, hint);
  }
}

export function parseOnbuild(statement: Statement): OnbuildInstruction {
  const { args, base } = statement;
  if (spanText(args) === '') {
    throw missingArgument(statement, 'at least one argument', 'Write ONBUILD RUN …, ONBUILD COPY …');
  }
  const head = splitStatement(args.source, statement.escape, args.start);
  readFlags(statement, {});
  refuse(head);
  checkTrigger(statement, head);
  const heredocs = base.heredocs.map((heredoc) => `\n${heredoc.content}${heredoc.name}`).join('');
  return {
    ...base,
    kind: 'onbuild',
    trigger: base.original.replace(KEYWORD, '') + heredocs,
    triggerKeyword: head.keyword.text.toLowerCase(),
  };
}
