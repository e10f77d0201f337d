/** `--chown=user:group`, or the text of USER, split; both may be a name or a number. */
export interface Ownership {
  readonly user: string;
  /** Undefined: the user's own group. '' is the group 0. */
  readonly group: string | undefined;
}

const MAX_ID = 2 ** 32 - 1;

/** Undefined when the text is not of the form `user` or `user:group`. */
export function parseChown(text: string): Ownership | undefined {
  const [user = '', group, ...rest] = text.split(':');
  if (rest.length > 0) return undefined;
  return { user, group };
}

/** The number that an id is written as; undefined for a name. */
export function parseId(text: string): number | undefined {
  const id = /^\d+$/.test(text) ? Number(text) : NaN;
  return id <= MAX_ID ? id : undefined;
}
