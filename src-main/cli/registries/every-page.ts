/** Goes through a list that is given page by page. */
export async function* everyPage<T>(
  read: (
    after: string | undefined,
  ) => Promise<{ readonly items: readonly T[]; readonly next?: string | undefined }>,
): AsyncGenerator<T, void, undefined> {
  let after: string | undefined;
  do {
    const { items, next } = await read(after);
    yield* items;
    after = next;
  } while (after !== undefined);
}
