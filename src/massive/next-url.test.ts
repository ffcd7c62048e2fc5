import { describe, expect, it } from 'vitest';
import { VendorFailure } from './failure.ts';
import { parseNextUrl, withLostSettings } from './next-url.ts';

const base = new URL('https://api.massive.com');

describe('following next_url', () => {
  it('keeps our own port when the vendor adds a stray one', () => {
    const next = parseNextUrl('https://api.massive.com:8443/v2/aggs/x?cursor=abc', base);
    expect([next.path, next.query.get('cursor')]).toEqual(['/v2/aggs/x', 'abc']);
  });

  it('drops a key from the URL', () => {
    const next = parseNextUrl('https://api.massive.com/v2/aggs/x?cursor=abc&apiKey=K', base);
    expect(next.query.toString()).toBe('cursor=abc');
  });

  it('takes away the folder the API is served under', () => {
    const next = parseNextUrl('http://proxy/massive/v2/aggs/x', new URL('http://proxy/massive/'));
    expect(next.path).toBe('/v2/aggs/x');
  });

  it.each([
    ['another host', 'https://evil.example/v2/aggs/x'],
    ['another scheme', 'http://api.massive.com/v2/aggs/x'],
    ['a look-alike host', 'https://api.massive.com.evil.example/v2/aggs/x'],
    ['credentials before another host', 'https://api.massive.com@evil.example/v2'],
    ['no URL', 'http://'],
  ])('refuses %s', (_what, nextUrl) => {
    expect(() => parseNextUrl(nextUrl, base)).toThrow(VendorFailure);
  });
});

describe('keeping the settings of a request', () => {
  const wanted = { adjusted: 'false', sort: 'asc', limit: '50000' };

  it('adds what neither query nor cursor carries', () => {
    const cursor = Buffer.from('limit=50000&sort=asc').toString('base64url');
    const query = withLostSettings(new URLSearchParams({ cursor }), wanted);
    expect(Object.fromEntries(query)).toEqual({ cursor, adjusted: 'false' });
  });

  it('adds all of them when the cursor was lost', () => {
    expect(Object.fromEntries(withLostSettings(new URLSearchParams(), wanted))).toEqual(wanted);
  });

  it('changes nothing that is there', () => {
    const query = new URLSearchParams({ limit: '2', sort: 'asc', adjusted: 'false' });
    expect(withLostSettings(query, wanted).toString()).toBe(query.toString());
  });
});
