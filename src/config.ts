import { closest, distance } from 'fastest-levenshtein';
import { readConfigFile } from './config-file.ts';
import { usageError } from './errors.ts';
import { type Timeframe, timeframes } from './market/timeframe.ts';
import { type Setting, type Value, definitions } from './setting-definitions.ts';

/** The vendor's own addresses; anything else is a sandbox or a proxy. */
const VENDOR_HOSTS = new Set(['api.massive.com', 'api.polygon.io']);

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
  return settingsOf(effective);
}

/** Settings that took effect already, such as those of another thread. */
export function settingsOf(effective: readonly EffectiveSetting[]): Settings {
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

/** A setting's value as it may be shown: null when it is not set, of a secret only that it is. */
export function shownValue({ value, secret, path }: EffectiveSetting): Value | null {
  if (value === undefined) return null;
  if (path === 'now') return new Date(value as number).toISOString();
  return secret ? '(set, not shown)' : value;
}

/** How a person sets a setting, as a sentence. */
export function howToSet(path: SettingPath): string {
  return `Set ${variablesOf(path, definitions[path])[0]} in the environment, or data_import.${path} in tickstock.yaml.`;
}

/** Days looked back by timeframe. */
export const lookbackOf = (settings: Settings): Record<Timeframe, number> => ({
  hourly: settings.get('lookback.hourly_days'),
  daily: settings.get('lookback.daily_days'),
  weekly: settings.get('lookback.weekly_days'),
  monthly: settings.get('lookback.monthly_days'),
});

/** The nightly import that a new database gets. */
export const initialScheduleOf = (settings: Settings) => ({
  enabled: settings.get('schedule.enabled'),
  delayMinutes: settings.get('schedule.delay_minutes'),
  universes: settings.get('universes'),
  timeframes,
});

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
