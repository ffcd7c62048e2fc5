import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schedulePreviewAnswer } from '../../src/http/contract-daily.ts';
import { settingsAnswer } from '../../src/http/contract-settings.ts';
import * as contract from '../../src/http/contract-universes.ts';
import { type TestDatabase, createTestDatabase } from '../support/postgres.ts';
import { run, sandboxOfFile } from '../support/program.ts';
import { type ServiceAnswer, type ServiceProcess, startService } from '../support/service.ts';

const NOW = '2026-01-06T12:00:00Z';

const sandbox = sandboxOfFile(NOW, '--symbols', '5');
let database: TestDatabase;
let service: ServiceProcess;
const env = (): Record<string, string> => ({ ...sandbox().env, DATABASE_URL: database.url });

beforeAll(async () => {
  database = await createTestDatabase();
  service = await startService({ ...env(), DATA_IMPORT_SERVICE_CHANGES_PER_SECOND: '1000' });
});
afterAll(async () => {
  await service?.stop();
  await database?.drop();
});

/** The body of an answer that is a success and keeps to the contract. */
async function said<T>(schema: { parse(body: unknown): T }, asked: Promise<ServiceAnswer>): Promise<T> {
  const { status, body } = await asked;
  expect(body).toEqual(schema.parse(body));
  expect(status).toBeLessThan(300);
  return body as T;
}

const get = (path: string, query: Record<string, string> = {}): Promise<ServiceAnswer> =>
  service.ask(`${path}?${new URLSearchParams(query)}`);

describe('settings over HTTP', () => {
  it('are those of the command line, secrets masked', async () => {
    const { settings } = await said(settingsAnswer, get('/api/settings'));
    const shown = JSON.parse((await run(['config', '--json'], { env: env() })).out) as Record<string, object>;
    const own = new Set(['service.port', 'schedule.enabled', 'service.changes_per_second']);
    const told = Object.fromEntries(settings.map(({ name, value, source }) => [name, { value, source }]));
    expect(Object.keys(told)).toEqual(Object.keys(shown));
    const shared = (all: Record<string, object>) => Object.entries(all).filter(([name]) => !own.has(name));
    expect(shared(told)).toEqual(shared(shown));
    expect(told['polygon.api_key']).toEqual({
      value: '(set, not shown)',
      source: 'environment MASSIVE_API_KEY',
    });
    expect(told['events.redis_url']).toEqual({ value: null, source: 'default' });
    expect(told['service.port']).toEqual({ value: 0, source: 'flag --port' });
    expect(JSON.stringify(settings)).not.toContain(sandbox().key);
    expect(JSON.stringify(settings)).not.toContain(database.url);
  });
});

describe('a preview of the schedule', () => {
  const path = '/api/processing/schedule/preview';

  it('says what a change would make of it and changes nothing', async () => {
    const before = (await get('/api/processing/schedule')).body;
    const preview = await said(
      schedulePreviewAnswer,
      get(path, { enabled: 'true', delay_minutes: '45', universes: 'dow30' }),
    );
    expect(preview).toMatchObject({
      trigger_time: '16:45',
      next_run: '2026-01-06T21:45:00Z',
      universes: ['dow30'],
      total_symbols: 30,
    });
    expect(preview.next_runs).toHaveLength(10);
    expect((await get('/api/processing/schedule')).body).toEqual(before);
    const { body: changed } = await service.ask(
      '/api/processing/schedule',
      { enabled: true, delay_minutes: 45, universes: ['dow30'] },
      'PUT',
    );
    expect({ ...changed, total_symbols: 30 }).toEqual(preview);
  });

  it.each([
    [{ delay_minutes: '' }, ['query.delay_minutes']],
    [{ delay_minutes: '1441', timeframes: 'daily,yearly' }, ['query.delay_minutes', 'query.timeframes[1]']],
    [{ universes: 'dow31' }, ['query.universes']],
    [{ universes: 'csv:/etc/passwd' }, ['query.universes[0]']],
    [{ delay_minutes: '5', cron: '0 5 * * *' }, ['query.cron']],
  ])('of %j names the place of each fault', async (query, places) => {
    const { status, body } = await get(path, query as Record<string, string>);
    expect(status).toBe(400);
    expect(body.errors.map(({ place }: { place: string }) => place)).toEqual(places);
  });
});

describe('an expression', () => {
  it('has a count, and members by page', async () => {
    const expression = 'dow30 + nasdaq100 - sp500@2026-01-06';
    const all = await said(
      contract.expressionAnswer,
      get('/api/universe-expressions', { expression: 'sp500 & dow30' }),
    );
    expect(all).toMatchObject({ names: ['sp500 & dow30'], total_symbols: 30, next_cursor: null });
    const first = await said(
      contract.expressionAnswer,
      get('/api/universe-expressions', { expression: 'sp500 & dow30', limit: '20' }),
    );
    const rest = await said(
      contract.expressionAnswer,
      get('/api/universe-expressions', { expression: 'sp500 & dow30', cursor: first.next_cursor ?? '' }),
    );
    expect([...first.members, ...rest.members]).toEqual(all.members);
    const shown = await run(['universe', 'show', expression, '--json'], { env: env() });
    expect((await get('/api/universe-expressions', { expression })).body.members).toEqual(
      JSON.parse(shown.out).members,
    );
  });

  it.each([
    ['sp500 - ', 'one is empty: number 2'],
    ['sp500+dow30', 'Put spaces around "+", "-" and "&".'],
    ['sp5000', 'Did you mean sp500?'],
    ['dow30@2199-01-01', 'Nobody knows the members'],
    ['dow30 + csv:/etc/passwd', 'refused over HTTP'],
  ])('%j is refused with its place', async (expression, why) => {
    const { status, body } = await get('/api/universe-expressions', { expression });
    expect({ status, place: body.errors?.[0].place }).toEqual({ status: 400, place: 'query.expression' });
    expect(body.errors[0].message).toContain(why);
  });

  it('becomes a universe, which says what it was made of', async () => {
    const expression = 'dow30 & nasdaq100';
    const { total_symbols: total } = (await get('/api/universe-expressions', { expression })).body;
    expect(
      await said(contract.universeChangeAnswer, service.ask('/api/universes', { name: 'both', expression })),
    ).toMatchObject({ name: 'both', total_symbols: total });
    const { universes } = (await get('/api/universes')).body;
    expect(universes.at(-1)).toMatchObject({ name: 'both', members: total, source: expression });
    const { body } = await service.ask('/api/universes', { name: 'none', expression: 'sp5000' });
    expect(body.errors).toMatchObject([{ place: 'body.expression' }]);
  });

  it('is compared with another', async () => {
    const { only_in_a: onlyA, ...others } = await said(
      contract.comparisonAnswer,
      get('/api/universe-comparison', { a: 'sp500', b: 'dow30' }),
    );
    expect(others).toMatchObject({ in_both: { total_symbols: 30 }, only_in_b: { total_symbols: 0 } });
    expect(onlyA.symbols).toHaveLength(473);
    const { body } = await get('/api/universe-comparison', { a: 'sp500', b: 'no-such' });
    expect(body.errors).toMatchObject([{ place: 'query.b' }]);
  });
});

describe('a universe of CSV text', () => {
  const dated =
    'symbol,name,valid_from,valid_to\nBRK-B,Berkshire,,2020-12-31\nBRK-B,Berkshire,2022-01-03,\nGE,,,\n';

  it('is checked first: every bad line is told, nothing is stored', async () => {
    const check = (csv: string) => service.ask('/api/universes/check', { csv });
    const bad = 'symbol,name\nBRK-B,Berkshire\n<script>,x\nAAPL\nBRK.B,again\n';
    expect(await said(contract.csvCheckAnswer, check(bad))).toEqual({
      total_symbols: 1,
      is_dated: false,
      bad_lines: 2,
      faults: [
        { line: 3, column: 1, text: '<script>,x', message: expect.stringContaining('"<script>"') },
        { line: 4, column: 2, text: 'AAPL', message: 'found 1 column; expected 2' },
      ],
      duplicates: [{ symbol: 'BRK.B', line: 5, first_line: 2 }],
    });
    expect(await said(contract.csvCheckAnswer, check(dated))).toMatchObject({
      total_symbols: 2,
      is_dated: true,
    });
    const { status, body } = await check('AAPL,Apple\nMSFT,Microsoft\n');
    expect({ status, place: body.errors[0].place }).toEqual({ status: 400, place: 'body.csv' });
    const { status: created, body: refused } = await service.ask('/api/universes', { name: 'bad', csv: bad });
    expect(created).toBe(400);
    expect(refused.errors.map(({ place }: { place: string }) => place)).toEqual([
      'body.csv line 3, column 1',
      'body.csv line 4, column 2',
    ]);
    expect((await get('/api/universes/bad')).status).toBe(404);
  });

  it('has the dates of its lines', async () => {
    await said(contract.universeChangeAnswer, service.ask('/api/universes', { name: 'dated', csv: dated }));
    const history = await said(contract.universeHistoryAnswer, get('/api/universes/dated/history'));
    expect(history.stays.map(({ symbol, since, until }) => [symbol, since, until])).toEqual([
      ['BRK.B', null, '2020-12-31'],
      ['BRK.B', '2022-01-03', null],
      ['GE', null, null],
    ]);
    const symbolsOn = async (date: string): Promise<string[]> =>
      (await get('/api/universes/dated', { date })).body.members.map(
        ({ symbol }: { symbol: string }) => symbol,
      );
    expect([await symbolsOn('2021-06-01'), await symbolsOn('2022-01-03')]).toEqual([['GE'], ['BRK.B', 'GE']]);
    expect(await said(contract.universeHistoryAnswer, get('/api/universes/dow30/history'))).toEqual({
      name: 'dow30',
      known: null,
      stays: [],
    });
    expect((await get('/api/universes/nobodys/history')).status).toBe(404);
  });

  it('needs members, the text or an expression, one of them', async () => {
    for (const body of [{ name: 'x' }, { name: 'x', members: ['A'], csv: 'A' }])
      expect((await service.ask('/api/universes', body)).body.errors).toMatchObject([
        { place: 'body.members', message: 'give one of members, csv and expression' },
      ]);
  });
});

describe('editing a universe', () => {
  const patch = (name: string, body: object) => service.ask(`/api/universes/${name}`, body, 'PATCH');

  it('adds and removes from today on, whoever edits at the same time', async () => {
    await service.ask('/api/universes', { name: 'edited', members: ['A', 'B'] });
    const [added] = await Promise.all([
      said(contract.universeChangeAnswer, patch('edited', { add: [{ symbol: 'BRK-B', name: 'Berkshire' }] })),
      patch('edited', { add: ['C'], remove: ['A'] }),
    ]);
    expect(added.added).toEqual(['BRK.B']);
    const { body } = await get('/api/universes/edited');
    expect(body.members.map(({ symbol }: { symbol: string }) => symbol)).toEqual(['B', 'BRK.B', 'C']);
    const { stays } = (await get('/api/universes/edited/history')).body;
    expect(stays).toMatchObject([
      { symbol: 'A', until: '2026-01-05' },
      { symbol: 'B', since: null, until: null },
      { symbol: 'BRK.B', since: '2026-01-06', until: null },
      { symbol: 'C', since: '2026-01-06', until: null },
    ]);
  });

  it.each([
    ['edited', { remove: ['ZZZ'] }, 400, 'Cannot remove ZZZ from "edited"'],
    ['edited', { remove: ['B', 'BRK.B', 'C'] }, 400, 'Delete the universe instead'],
    ['edited', {}, 400, 'name at least one member to add or remove'],
    ['edited', { add: ['<script>'] }, 400, 'body.add[0]: expected a symbol (letters and digits'],
    ['dow30', { add: ['A'] }, 400, 'predefined'],
    ['nobodys', { add: ['A'] }, 404, 'There is no universe "nobodys"'],
  ])('of %s with %j is refused', async (name, body, status, why) => {
    const answer = await patch(name, body);
    expect({ status: answer.status, detail: answer.body.detail }).toEqual({
      status,
      detail: expect.stringContaining(why),
    });
  });
});
