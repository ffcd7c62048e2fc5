import { closest, distance } from 'fastest-levenshtein';
import { readConfigFile } from './config-file.ts';
import { usageError } from './errors.ts';

/** The vendor's own addresses; anything else is a sandbox or a proxy. */
const VENDOR_HOSTS = new Set(['api.massive.com', 'api.polygon.io']);

type Value = string | number | boolean | readonly string[];

interface Setting<T extends Value> {
  /** Undefined: it has none. */
  readonly default: T | undefined;
  /** Environment variables beside the one made from its path. */
  readonly env?: readonly string[];
  readonly secret?: true;
  readonly description: string;
  /** The value that text or YAML stands for; throws text that completes "expected …". */
  readonly parse: (raw: unknown) => T;
}

const text = (raw: unknown): string => {
  if (typeof raw !== 'string' || raw.trim() === '') throw 'text';
  return raw.trim();
};

const number =
  (least: number, most: number, kind: 'whole' | 'any' = 'any') =>
  (raw: unknown): number => {
    const value = typeof raw === 'string' && raw.trim() !== '' ? Number(raw) : raw;
    const expected = `a ${kind === 'whole' ? 'whole ' : ''}number from ${least} to ${most}`;
    if (typeof value !== 'number' || !(value >= least && value <= most)) throw expected;
    if (kind === 'whole' && !Number.isInteger(value)) throw expected;
    return value;
  };

const flag = (raw: unknown): boolean => {
  if (raw === true || raw === 'true' || raw === '1') return true;
  if (raw === false || raw === 'false' || raw === '0') return false;
  throw 'true or false';
};

const list = (raw: unknown): readonly string[] => {
  const items = typeof raw === 'string' ? raw.split(',') : raw;
  if (!Array.isArray(items) || items.length === 0) throw 'a list of names';
  return items.map((item: unknown) => text(item));
};

const apiKey = (raw: unknown): string => {
  const key = text(raw);
  if (/^(YOUR_|<)|API_KEY/i.test(key)) throw 'your own key, not the placeholder';
  return key;
};

const databaseUrl = (raw: unknown): string => {
  const url = text(raw);
  if (!/^postgres(ql)?:\/\//.test(url)) throw 'an address such as postgresql://user@host:5432/database';
  return url;
};

const instant = (raw: unknown): number => {
  const at = typeof raw === 'string' && /^\d{4}-\d{2}-\d{2}/.test(raw) ? Date.parse(raw) : Number.NaN;
  if (Number.isNaN(at)) throw 'an instant such as 2026-11-20T21:00:00Z';
  return at;
};

const setting = <T extends Value>(definition: Setting<T>): Setting<T> => definition;

/** Every setting once, by its path under `data_import`. The vendor's section may also be called `massive`. */
const definitions = {
  'polygon.api_key': setting({
    default: undefined,
    env: ['MASSIVE_API_KEY'],
    secret: true,
    parse: apiKey,
    description: 'key of the Massive API',
  }),
  'polygon.base_url': setting({
    default: 'https://api.massive.com',
    env: ['MASSIVE_BASE_URL'],
    parse: text,
    description: 'address of the Massive API, or of a sandbox',
  }),
  'polygon.rate_limit_ms': setting({
    default: 12,
    parse: number(0, 3_600_000),
    description: 'least time between requests, in ms (free plan: 12500)',
  }),
  'polygon.batch_size': setting({
    default: 100,
    parse: number(1, 100_000, 'whole'),
    description: 'symbols handed to workers at a time',
  }),
  'polygon.timeout_seconds': setting({
    default: 30,
    parse: number(0.1, 600),
    description: 'patience with one request, in seconds',
  }),
  'storage.batch_size': setting({
    default: 20_000,
    parse: number(1, 1_000_000, 'whole'),
    description: 'rows written at once',
  }),
  'storage.use_copy': setting({
    default: true,
    parse: flag,
    description: 'write by COPY; false for poolers that cannot',
  }),
  'storage.schema': setting({
    default: 'public',
    parse: text,
    description: 'PostgreSQL schema of the tables',
  }),
  'storage.database_url': setting({
    default: undefined,
    env: ['DATABASE_URL'],
    secret: true,
    parse: databaseUrl,
    description: 'PostgreSQL >= 15; without it an embedded one is used',
  }),
  'storage.data_dir': setting({
    default: './.tickstock',
    env: ['TICKSTOCK_DATA_DIR'],
    parse: text,
    description: 'folder of the embedded database',
  }),
  universes: setting<readonly string[]>({
    default: ['sp500'],
    parse: list,
    description: 'what is imported when nothing is named',
  }),
  'lookback.hourly_days': setting({
    default: 90,
    parse: number(1, 15_000, 'whole'),
    description: 'days of hourly bars',
  }),
  'lookback.daily_days': setting({
    default: 365,
    parse: number(1, 15_000, 'whole'),
    description: 'days of daily bars',
  }),
  'lookback.weekly_days': setting({
    default: 730,
    parse: number(1, 15_000, 'whole'),
    description: 'days of weekly bars',
  }),
  'lookback.monthly_days': setting({
    default: 1825,
    parse: number(1, 15_000, 'whole'),
    description: 'days of monthly bars',
  }),
  'processing.parallel_workers': setting({
    default: 10,
    parse: number(1, 200, 'whole'),
    description: 'symbols in work at once',
  }),
  'processing.continue_on_error': setting({
    default: true,
    parse: flag,
    description: 'go on when a symbol fails',
  }),
  'processing.success_threshold': setting({
    default: 80,
    parse: number(0, 100),
    description: 'percent of symbols that must succeed',
  }),
  now: setting({
    default: undefined,
    env: ['TICKSTOCK_NOW'],
    parse: instant,
    description: 'the time to take for now, with a sandbox only',
  }),
};

export type SettingPath = keyof typeof definitions;
type ValueOf<P extends SettingPath> = (typeof definitions)[P] extends Setting<infer T> ? T : never;

/** One setting as it took effect. */
export interface EffectiveSetting {
  readonly path: SettingPath;
  readonly value: Value | undefined;
  /** `default`, a file, an environment variable or a flag. */
  readonly source: string;
  readonly secret: boolean;
  readonly description: string;
}

export interface Settings {
  /** A setting that always has a value. */
  get<P extends SettingPath>(path: P): ValueOf<P>;
  /** A setting that may be unset. */
  find<P extends SettingPath>(path: P): ValueOf<P> | undefined;
  readonly effective: readonly EffectiveSetting[];
}

export interface SettingSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A file named by `--config`; without it ./tickstock.yaml is read when there is one. */
  readonly configFile?: string | undefined;
  /** Values given by flags, by path; undefined ones were not given. */
  readonly flags?: Partial<Readonly<Record<SettingPath, string | undefined>>>;
}

const paths = Object.keys(definitions) as SettingPath[];

/**
 * The effective settings: flags over environment over file over defaults.
 * @throws AppError CONFIG_INVALID naming the setting, where it stands and what was expected.
 */
export function loadSettings(sources: SettingSources): Settings {
  refuseUnknownVariables(sources.env);
  const file = readConfigFile(sources.configFile);
  for (const entry of file) refuseUnknownEntry(entry);
  const effective = paths.map((path): EffectiveSetting => {
    const definition: Setting<Value> = definitions[path];
    const { value, source } = resolve(path, definition, sources, file);
    return { path, value, source, secret: definition.secret === true, description: definition.description };
  });
  const values = new Map(effective.map((one) => [one.path, one.value]));
  const find = <P extends SettingPath>(path: P): ValueOf<P> | undefined =>
    values.get(path) as ValueOf<P> | undefined;
  return {
    effective,
    find,
    get(path) {
      const value = find(path);
      if (value === undefined) throw usageError(`${path} is not set. ${howToSet(path)}`);
      return value;
    },
  };
}

/** How a person sets a setting, as a sentence. */
export function howToSet(path: SettingPath): string {
  return `Set ${variablesOf(path, definitions[path])[0]} in the environment, or data_import.${path} in tickstock.yaml.`;
}

/** True when requests go to the vendor itself and not to a sandbox. */
export const isVendorItself = (baseUrl: string): boolean =>
  URL.canParse(baseUrl) && VENDOR_HOSTS.has(new URL(baseUrl).hostname);

function resolve(
  path: SettingPath,
  definition: Setting<Value>,
  { env, flags = {} }: SettingSources,
  file: readonly { path: string; value: unknown; source: string }[],
): { value: Value | undefined; source: string } {
  const inEnv = variablesOf(path, definition).find((name) => (env[name] ?? '') !== '');
  const inFile = file.filter((entry) => entry.path === path);
  if (inFile.length > 1)
    throw usageError(`${inFile[0]?.source} sets ${path} twice, under polygon and under massive. Keep one.`);
  const given =
    flags[path] !== undefined
      ? { raw: flags[path], source: `flag --${flagOf(path)}` }
      : inEnv !== undefined
        ? { raw: env[inEnv], source: `environment ${inEnv}` }
        : inFile[0] !== undefined
          ? { raw: inFile[0].value, source: inFile[0].source }
          : undefined;
  if (given === undefined) return { value: definition.default, source: 'default' };
  try {
    return { value: definition.parse(given.raw), source: given.source };
  } catch (expected) {
    const shown = definition.secret ? 'that value' : JSON.stringify(given.raw);
    throw usageError(`Cannot use ${shown} for ${path} (${given.source}): expected ${String(expected)}.`);
  }
}

/** The flag's name: the last words of its path. */
const flagOf = (path: SettingPath): string => path.slice(path.lastIndexOf('.') + 1).replaceAll('_', '-');

function variablesOf(path: SettingPath, definition: { readonly env?: readonly string[] }): string[] {
  const own = `DATA_IMPORT_${path.replaceAll('.', '_').toUpperCase()}`;
  const vendor = path.startsWith('polygon.') ? [own.replace('_POLYGON_', '_MASSIVE_')] : [];
  return [...(definition.env ?? []), own, ...vendor];
}

function refuseUnknownEntry({ path, value, source }: { path: string; value: unknown; source: string }): void {
  if (paths.includes(path as SettingPath)) return;
  const isSection = paths.some((known) => known.startsWith(`${path}.`));
  // All of a section's settings may be commented out.
  if (isSection && value === null) return;
  throw usageError(
    isSection
      ? `Cannot use ${JSON.stringify(value)} for data_import.${path} (${source}): expected a section of settings.`
      : `Unknown setting data_import.${path} in ${source}.${nearest(path, paths)}`,
  );
}

function refuseUnknownVariables(env: SettingSources['env']): void {
  const known = paths.flatMap((path) => variablesOf(path, definitions[path]));
  for (const name of Object.keys(env)) {
    if (!/^(DATA_IMPORT_|TICKSTOCK_(?!TEST_))/.test(name) || known.includes(name)) continue;
    throw usageError(`Unknown setting ${name} in the environment.${nearest(name, known)}`);
  }
}

function nearest(name: string, known: readonly string[]): string {
  const near = closest(name, known);
  return distance(name, near) <= name.length / 2 ? ` Did you mean ${near}?` : '';
}
