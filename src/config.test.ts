import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isVendorItself, loadSettings } from './config.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickstock-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function file(yaml: string): string {
  const path = join(folder, 'settings.yaml');
  writeFileSync(path, yaml);
  return path;
}

const guide = `
data_import:
  polygon:
    api_key: "k123"
    rate_limit_ms: 12
    batch_size: 100
    timeout_seconds: 30
  storage:
    batch_size: 1000
    use_copy: true
  universes:
    - sp500
    # - nasdaq100
  lookback:
    hourly_days: 90
    daily_days: 365
    weekly_days: 730
    monthly_days: 1825
  processing:
    parallel_workers: 10
    continue_on_error: true
    success_threshold: 80
`;

describe('settings', () => {
  it("reads the guide's YAML as it is written", () => {
    const settings = loadSettings({ env: {}, configFile: file(guide) });
    expect(settings.get('polygon.api_key')).toBe('k123');
    expect(settings.get('storage.batch_size')).toBe(1000);
    expect(settings.get('universes')).toEqual(['sp500']);
    expect(settings.get('lookback.monthly_days')).toBe(1825);
    expect(settings.get('processing.success_threshold')).toBe(80);
  });

  it('calls the vendor section massive as well', () => {
    const settings = loadSettings({
      env: {},
      configFile: file('data_import: {massive: {rate_limit_ms: 20}}'),
    });
    expect(settings.get('polygon.rate_limit_ms')).toBe(20);
  });

  it('takes flags over environment over file over default, and says which', () => {
    const configFile = file(
      'data_import: {polygon: {rate_limit_ms: 20, batch_size: 7}, storage: {schema: bars}}',
    );
    const env = { DATA_IMPORT_POLYGON_RATE_LIMIT_MS: '30', DATA_IMPORT_MASSIVE_BATCH_SIZE: '8' };
    const settings = loadSettings({ env, configFile, flags: { 'polygon.rate_limit_ms': '40' } });
    const sources = new Map(settings.effective.map((one) => [one.path, [one.value, one.source]]));
    expect(sources.get('polygon.rate_limit_ms')).toEqual([40, 'flag --rate-limit-ms']);
    expect(sources.get('polygon.batch_size')).toEqual([8, 'environment DATA_IMPORT_MASSIVE_BATCH_SIZE']);
    expect(sources.get('storage.schema')).toEqual(['bars', configFile]);
    expect(sources.get('polygon.timeout_seconds')).toEqual([30, 'default']);
  });

  it('refuses the placeholder key of the guide without repeating values of keys', () => {
    const refuse = (key: string) => () => loadSettings({ env: { MASSIVE_API_KEY: key } });
    expect(refuse('YOUR_MASSIVE_API_KEY')).toThrow('your own key, not the placeholder');
    expect(refuse('YOUR_MASSIVE_API_KEY')).not.toThrow('YOUR_');
  });

  it.each([
    [
      'an unknown setting',
      'data_import: {processing: {paralel_workers: 3}}',
      'Did you mean processing.parallel_workers?',
    ],
    [
      'a value of the wrong kind',
      'data_import: {processing: {parallel_workers: many}}',
      'expected a whole number from 0 to 200',
    ],
    [
      'a value out of range',
      'data_import: {processing: {success_threshold: 101}}',
      'expected a number from 0 to 100',
    ],
    ['broken YAML', 'data_import:\n  polygon: [', 'line '],
    ['a file without our section', 'data_imports: {}', 'no section data_import'],
    [
      'both names of the vendor',
      'data_import: {polygon: {batch_size: 1}, massive: {batch_size: 2}}',
      'twice',
    ],
  ])('refuses %s', (_, yaml, message) => {
    expect(() => loadSettings({ env: {}, configFile: file(yaml) })).toThrow(message);
  });

  it('refuses an unknown variable of its own kind and names the near one', () => {
    expect(() => loadSettings({ env: { DATA_IMPORT_POLYGON_RATE_LIMIT: '5' } })).toThrow(
      'Did you mean DATA_IMPORT_POLYGON_RATE_LIMIT_MS?',
    );
    expect(() => loadSettings({ env: { PATH: '/bin', HOME: '/' } })).not.toThrow();
  });

  it('refuses a settings file that is not there', () => {
    expect(() => loadSettings({ env: {}, configFile: join(folder, 'none.yaml') })).toThrow('none.yaml');
  });

  it('says how to set what is missing', () => {
    expect(() => loadSettings({ env: {} }).get('polygon.api_key')).toThrow('MASSIVE_API_KEY');
  });

  it('tells the vendor from a sandbox', () => {
    expect(isVendorItself('https://api.polygon.io')).toBe(true);
    expect(isVendorItself('http://127.0.0.1:8787')).toBe(false);
    expect(isVendorItself('https://api.massive.com.example.org')).toBe(false);
  });
});
