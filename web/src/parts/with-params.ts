/** The parameters of an address with some changed; those that are null or empty go. */
export function withParams(
  before: URLSearchParams,
  changes: Readonly<Record<string, string | null>>,
): URLSearchParams {
  const after = new URLSearchParams(before);
  for (const [name, value] of Object.entries(changes))
    if (value === null || value === '') after.delete(name);
    else after.set(name, value);
  return after;
}
