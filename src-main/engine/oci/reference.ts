import type { Digest } from '../../contract/oci-types.ts';
import { EngineError } from '../../contract/errors.ts';
import { isDigest } from './digest.ts';

/**
 * A name of an image: registry, repository and a tag, a digest or both (distribution-spec, "Pulling manifests";
 * grammar of distribution/reference). `python` is docker.io/library/python:latest.
 */
export interface Reference {
  readonly registry: string;
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: Digest | undefined;
}

const HOST =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?$/;
const PATH_COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/** Parses a reference as docker does. A name with neither tag nor digest gets the tag `latest`. */
export function parseReference(text: string): Reference {
  const at = text.indexOf('@');
  const named = at < 0 ? text : text.slice(0, at);
  const digest = at < 0 ? undefined : parseReferenceDigest(text.slice(at + 1), text);
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  const name = hasTag ? named.slice(0, colon) : named;
  const tag = hasTag ? named.slice(colon + 1) : digest === undefined ? 'latest' : undefined;
  if (tag !== undefined && !TAG.test(tag)) {
    throw badReference(
      text,
      `the tag ${JSON.stringify(tag)} may have letters, digits, "_", "." and "-", at most 128`,
    );
  }
  return { ...parseName(name, text), tag, digest };
}

function parseReferenceDigest(digest: string, text: string): Digest {
  if (isDigest(digest)) return digest;
  throw badReference(text, 'after "@" there must be sha256: and 64 hex digits');
}

function parseName(name: string, text: string): { registry: string; repository: string } {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const hasHost = first === 'localhost' || /[.:A-Z]/.test(first);
  const host = hasHost ? first : 'docker.io';
  const rest = hasHost ? name.slice(slash + 1) : name;
  if (!HOST.test(host)) throw badReference(text, `${JSON.stringify(host)} is not a registry's host name`);
  const registry = host === 'index.docker.io' ? 'docker.io' : host;
  const repository = registry === 'docker.io' && !rest.includes('/') ? `library/${rest}` : rest;
  checkRepository(repository, rest, text);
  return { registry, repository };
}

function checkRepository(repository: string, written: string, text: string): void {
  if (
    written !== '' &&
    repository.length <= 255 &&
    repository.split('/').every((part) => PATH_COMPONENT.test(part))
  )
    return;
  const why = /[A-Z]/.test(written)
    ? `the name ${JSON.stringify(written)} must be lower case`
    : `${JSON.stringify(written)} is not a repository's name`;
  throw badReference(text, why);
}

function badReference(text: string, why: string): EngineError {
  return new EngineError(
    'INVALID_INPUT',
    `not an image name: ${JSON.stringify(text.slice(0, 300))}: ${why}`,
    {
      hint: 'Write name[:tag] or name@sha256:…, for example myapp:1.0.',
    },
  );
}

/** The complete form, for the store: `docker.io/library/python:3.12`. */
export function formatReference(reference: Reference): string {
  return `${reference.registry}/${reference.repository}${suffix(reference)}`;
}

/** The form that people write: `python:3.12`. Parsing it again gives the same reference. */
export function familiarReference(reference: Reference): string {
  return `${familiarRepository(reference)}${suffix(reference)}`;
}

/** The repository as people write it: `python`, `ghcr.io/org/app`. */
export function familiarRepository(reference: Pick<Reference, 'registry' | 'repository'>): string {
  if (reference.registry !== 'docker.io') return `${reference.registry}/${reference.repository}`;
  const short = reference.repository.replace(/^library\//, '');
  return short.includes('/') ? reference.repository : short;
}

function suffix(reference: Reference): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`;
  return reference.digest === undefined ? tag : `${tag}@${reference.digest}`;
}
