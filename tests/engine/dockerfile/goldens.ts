import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** What BuildKit did with the same input: beside the checkout where it is worked on, absent in a user's clone. */
export const GOLDENS = resolve(import.meta.dirname, '../../../../shared/conformance/buildkit');

export const hasGoldens = existsSync(GOLDENS);

export function readGolden<T>(...path: readonly string[]): T {
  return JSON.parse(readFileSync(join(GOLDENS, ...path), 'utf8')) as T;
}

export function readGoldenText(...path: readonly string[]): string {
  return readFileSync(join(GOLDENS, ...path), 'utf8');
}

/** The cases of one folder, none without goldens. */
export function goldenCases(folder: string): readonly string[] {
  return hasGoldens ? readdirSync(join(GOLDENS, folder)).toSorted() : [];
}
