const MOST_KEPT = 1000;

/** What `load` gave for a key, for `freshMs`; everybody who asks meanwhile shares one load. Failures are not kept. */
export function createShortCache<T>(
  freshMs: number,
  now: () => number,
  load: (key: string) => Promise<T>,
): (key: string) => Promise<T> {
  const kept = new Map<string, { value: Promise<T>; until: number }>();
  return (key) => {
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
  };
}
