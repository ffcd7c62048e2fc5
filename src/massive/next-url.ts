import { unusable } from './failure.ts';

/**
 * The path and query of a `next_url`, which must stay at the vendor we asked: the key goes with it.
 * A stray port is corrected by keeping our own origin.
 * @throws VendorFailure unusable for another host, another scheme or no URL.
 */
export function parseNextUrl(nextUrl: string, baseUrl: URL): { path: string; query: URLSearchParams } {
  let url: URL;
  try {
    url = new URL(nextUrl, baseUrl);
  } catch {
    throw unusable('a next_url that is no URL');
  }
  if (url.hostname !== baseUrl.hostname || url.protocol !== baseUrl.protocol) {
    throw unusable(`a next_url that leads to ${url.protocol}//${url.hostname}`);
  }
  const prefix = baseUrl.pathname.replace(/\/+$/, '');
  if (!url.pathname.startsWith(`${prefix}/`)) throw unusable('a next_url outside of its own API');
  // Some answers repeat the key here; ours travels in the header only.
  for (const name of ['apiKey', 'apikey']) url.searchParams.delete(name);
  return { path: url.pathname.slice(prefix.length), query: url.searchParams };
}

/** The query with every setting of `wanted` that neither it nor its cursor carries any more. */
export function withLostSettings(
  query: URLSearchParams,
  wanted: Readonly<Record<string, string>>,
): URLSearchParams {
  const complete = new URLSearchParams(query);
  // The cursor is the base64url of a query string; one that is not simply carries nothing.
  const cursor = new URLSearchParams(Buffer.from(query.get('cursor') ?? '', 'base64url').toString());
  for (const [name, value] of Object.entries(wanted)) {
    if (!complete.has(name) && !cursor.has(name)) complete.set(name, value);
  }
  return complete;
}
