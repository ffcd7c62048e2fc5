/** The values of settings as text or YAML has them; each throws text that completes "expected …". */

export const text = (raw: unknown): string => {
  if (typeof raw !== 'string' || raw.trim() === '') throw 'text';
  return raw.trim();
};

export const number =
  (least: number, most: number, kind: 'whole' | 'any' = 'any') =>
  (raw: unknown): number => {
    const value = typeof raw === 'string' && raw.trim() !== '' ? Number(raw) : raw;
    const expected = `a ${kind === 'whole' ? 'whole ' : ''}number from ${least} to ${most}`;
    if (typeof value !== 'number' || !(value >= least && value <= most)) throw expected;
    if (kind === 'whole' && !Number.isInteger(value)) throw expected;
    return value;
  };

export const flag = (raw: unknown): boolean => {
  if (raw === true || raw === 'true' || raw === '1') return true;
  if (raw === false || raw === 'false' || raw === '0') return false;
  throw 'true or false';
};

export const list = (raw: unknown): readonly string[] => {
  const items = typeof raw === 'string' ? raw.split(',') : raw;
  if (!Array.isArray(items) || items.length === 0) throw 'a list of names';
  return items.map((item: unknown) => text(item));
};

export const apiKey = (raw: unknown): string => {
  const key = text(raw);
  if (/^(YOUR_|<)|API_KEY/i.test(key)) throw 'your own key, not the placeholder';
  return key;
};

export const databaseUrl = (raw: unknown): string => {
  const url = text(raw);
  if (!/^postgres(ql)?:\/\//.test(url)) throw 'an address such as postgresql://user@host:5432/database';
  return url;
};

export const redisUrl = (raw: unknown): string => {
  const url = text(raw);
  if (!/^rediss?:\/\//.test(url) || !isRedisUrl(url)) throw 'an address such as redis://localhost:6379/0';
  return url;
};

/** Whatever clients make of a path that is no number or of a `%` that is no escape, it is not what was meant. */
function isRedisUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { pathname, username, password } = new URL(url);
  return /^(\/\d{0,9})?$/.test(pathname) && !/%(?![\da-f]{2})/i.test(username + password);
}

export const instant = (raw: unknown): number => {
  const at = typeof raw === 'string' && /^\d{4}-\d{2}-\d{2}/.test(raw) ? Date.parse(raw) : Number.NaN;
  if (Number.isNaN(at)) throw 'an instant such as 2026-11-20T21:00:00Z';
  return at;
};

export const hostName = (raw: unknown): string => {
  const host = text(raw);
  if (!/^[\w.:-]+$/.test(host)) throw 'an address such as 127.0.0.1 or 0.0.0.0';
  return host;
};

export const origins = (raw: unknown): readonly string[] =>
  list(raw).map((origin) => {
    if (origin === '*' || (URL.canParse(origin) && new URL(origin).origin === origin)) return origin;
    throw 'origins such as https://stocks.example.com';
  });

export const logLevel = (raw: unknown): string => {
  const level = text(raw);
  if (!/^(trace|debug|info|warn|error|fatal|silent)$/.test(level)) throw 'a level such as info or warn';
  return level;
};
