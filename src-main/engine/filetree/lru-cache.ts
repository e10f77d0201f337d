/** Keeps what was used last, up to a total weight. */
export interface LruCache<Value> {
  get(key: string): Value | undefined;
  put(key: string, value: Value, weight: number): void;
  delete(key: string): void;
}

export function createLruCache<Value>(maxWeight: number): LruCache<Value> {
  const kept = new Map<string, { readonly value: Value; readonly weight: number }>();
  let total = 0;
  const drop = (key: string): void => {
    total -= kept.get(key)?.weight ?? 0;
    kept.delete(key);
  };
  return {
    get(key) {
      const found = kept.get(key);
      if (found === undefined) return undefined;
      kept.delete(key);
      kept.set(key, found);
      return found.value;
    },
    put(key, value, weight) {
      drop(key);
      kept.set(key, { value, weight });
      total += weight;
      for (const oldest of kept.keys()) {
        if (total <= maxWeight || oldest === key) break;
        drop(oldest);
      }
    },
    delete: drop,
  };
}
