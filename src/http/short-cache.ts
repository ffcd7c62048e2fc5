/** What was loaded a moment ago. */
export interface ShortCache<T> {
  /** What `load` gave for a key, or gives now. Failures are not kept. */
  get(key: string): Promise<T>;
  /** What was loaded for a key is no longer so: whoever asks next waits for what is. */
  drop(key: string): void;
}

interface Entry<T> {
  readonly value: Promise<T>;
  readonly loadedAt: number;
  refresh: Promise<T> | undefined;
}

const MOST_KEPT = 1000;

/**
 * Keeps what `load` gives for `freshMs`. After that the next to ask starts another load, but until `usableMs` nobody
 * waits for it: many who ask often are never all held up by one slow load.
 */
export function createShortCache<T>(
  { freshMs, usableMs }: { readonly freshMs: number; readonly usableMs: number },
  now: () => number,
  load: (key: string) => Promise<T>,
): ShortCache<T> {
  const kept = new Map<string, Entry<T>>();

  const loadAnew = (key: string): Promise<T> => {
    const value = load(key);
    if (kept.size >= MOST_KEPT) kept.clear();
    const entry = { value, loadedAt: now(), refresh: undefined };
    kept.set(key, entry);
    value.catch(() => {
      if (kept.get(key) === entry) kept.delete(key);
    });
    return value;
  };

  const refresh = async (key: string, entry: Entry<T>): Promise<T> => {
    const loadedAt = now();
    const value = load(key);
    try {
      await value;
      // Dropped meanwhile: what was loaded may be of before.
      if (kept.get(key) === entry) kept.set(key, { value, loadedAt, refresh: undefined });
    } finally {
      entry.refresh = undefined;
    }
    return value;
  };

  return {
    get(key) {
      const entry = kept.get(key);
      if (entry === undefined) return loadAnew(key);
      const age = now() - entry.loadedAt;
      if (age < freshMs) return entry.value;
      if (age >= usableMs) return loadAnew(key);
      if (entry.refresh === undefined) {
        entry.refresh = refresh(key, entry);
        // Whoever asks when it is no longer usable hears of it.
        entry.refresh.catch(() => {});
      }
      return entry.value;
    },
    drop: (key) => void kept.delete(key),
  };
}
