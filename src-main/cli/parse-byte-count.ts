import { InvalidArgumentError } from 'commander';

const LETTERS = ['', 'k', 'm', 'g', 't'];

/** An option's size, `500MB`, `2GB` or bytes: powers of 1000 as in every listing; `GiB` is 1024 to the third. */
export function parseByteCount(text: string): number {
  const [, count, letter = '', binary] = /^(\d+(?:\.\d+)?)\s*([kmgt])?(i)?b?$/i.exec(text) ?? [];
  if (count === undefined)
    throw new InvalidArgumentError('It is a number and kB, MB or GB, for example 2GB.');
  return Math.round(
    Number(count) * (binary === undefined ? 1000 : 1024) ** LETTERS.indexOf(letter.toLowerCase()),
  );
}
