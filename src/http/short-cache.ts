/** What was loaded a moment ago. */
export interface ShortCache<T> {
  /** What `load` gives for a key; everybody who asks within a short time shares one load. Failures are not kept. */
  get(key: string): Promise<T>;
  /** What was loaded for a key is no longer so. */
  drop(key: string): void;
}

const MOST_KEPT = 1000;

/** Keeps what `load` gives for `freshMs`. */
export function createShortCache<T>(
  freshMs: number,
  now: () => number,
  load: (key: string) => Promise<T>,
): ShortCache<T> {
  const kept = new Map<string, { value: Promise<T>; until: number }>();
  return {
    get(key) {
      const known = kept.get(key);
      if (known !== undefined && known.until > now()) return known.value;
      const value = load(key);
      if (kept.size >= MOST_KEPT) kept.clear();
      const entry = { value, until: now() + freshMs };
      kept.set(key, entry);
      value.catch(() => {
        if (kept.get(key) === entry) kept.delete(key);
      });
      return value;
    },
    drop: (key) => void kept.delete(key),
  };
}
