import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { usageError } from './errors.ts';

const OWN_FILE = 'tickstock.yaml';

const require = createRequire(import.meta.url);

/**
 * The settings of a YAML file, flat, by their path under `data_import`; `massive.` is read as `polygon.`.
 * Without a name, ./tickstock.yaml is read when it is there.
 * @throws AppError CONFIG_INVALID for a file that is missing or no YAML, with line and column.
 */
export function readConfigFile(named?: string): { path: string; value: unknown; source: string }[] {
  if (named === undefined && !existsSync(OWN_FILE)) return [];
  const file = named ?? OWN_FILE;
  const root = parseFile(file);
  if (root === null) return [];
  const section = isSection(root) ? root['data_import'] : undefined;
  if (!isSection(section)) throw usageError(`${file} has no section data_import.`);
  return flatten(section, '').map(({ path, value }) => ({
    path: path.replace(/^massive\./, 'polygon.'),
    value,
    source: file,
  }));
}

function parseFile(file: string): unknown {
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (error) {
    throw usageError(`Could not read the settings file ${file}: ${(error as Error).message}.`);
  }
  // Most run without a file, and its parser is 70 files to load.
  const { YAMLParseError, parse } = require('yaml') as typeof import('yaml');
  try {
    return parse(content);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    const at = error.linePos?.[0];
    throw usageError(
      `${file}${at === undefined ? '' : `, line ${at.line}, column ${at.col}`}: ${error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:$/, '')}.`,
    );
  }
}

const isSection = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function flatten(section: Record<string, unknown>, prefix: string): { path: string; value: unknown }[] {
  return Object.entries(section).flatMap(([key, value]) =>
    isSection(value) ? flatten(value, `${prefix}${key}.`) : [{ path: `${prefix}${key}`, value }],
  );
}
