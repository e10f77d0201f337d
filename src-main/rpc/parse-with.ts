import type { z } from 'zod';
import { EngineError } from '../contract/errors.ts';

/** Parses a call's parameters; INVALID_INPUT names the first field that is wrong. */
export function parseParams(schema: z.ZodType, params: unknown, call: string): unknown {
  const parsed = schema.safeParse(params);
  if (parsed.success) return parsed.data;
  throw new EngineError('INVALID_INPUT', `${call}: ${describeIssue(parsed.error)}`);
}

/** Parses what the other side answered; a form that this side does not know is a defect or a version mismatch. */
export function parseAnswer(schema: z.ZodType, answer: unknown, call: string): unknown {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new EngineError('INTERNAL', `${call} answered in an unknown form: ${describeIssue(parsed.error)}`, {
    hint: 'Window and engine may be of different versions: restart Varve.',
  });
}

function describeIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'not valid';
  const field = issue.path.map(String).join('.');
  return field === '' ? issue.message : `${field}: ${issue.message}`;
}
