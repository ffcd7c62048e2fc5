const LOOK_EVERY_MS = 20;

/** Looks until `fits` gives something, which it returns; null when `patienceMs` is over, or `gaveUp` says so. */
export async function waitUntil<T>(
  fits: () => T | null | Promise<T | null>,
  patienceMs: number,
  gaveUp: () => boolean = () => false,
): Promise<T | null> {
  const until = performance.now() + patienceMs;
  for (;;) {
    const found = await fits();
    if (found !== null) return found;
    if (performance.now() > until || gaveUp()) return null;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
