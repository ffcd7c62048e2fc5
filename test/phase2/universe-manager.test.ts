import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../src/storage/database.ts';
import { createUniverseStore } from '../../src/storage/universes.ts';
import { type UniverseManager, createUniverseManager } from '../../src/universe/universe-manager.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { type TestDatabase, createTestDatabase } from '../support/postgres.ts';
import { scratchFile } from '../support/scratch-file.ts';
import { thrownBy } from '../support/thrown-by.ts';

describe('Universe manager', () => {
  let testDatabase: TestDatabase;
  let database: Database;
  let universes: UniverseManager;
  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    database = await openDatabase({
      databaseUrl: testDatabase.url,
      dataDir: '',
      schema: 'public',
      asOf: undefined,
    });
    universes = createUniverseManager({ lists: createUniverseStore(database), clock: createFakeClock() });
  });
  afterAll(async () => {
    await database.close();
    await testDatabase.drop();
  });
  beforeEach(() => database.pool.query('TRUNCATE universes CASCADE'));

  const symbolsOf = async (expression: string): Promise<string[]> =>
    (await universes.resolve(expression)).members.map(({ symbol }) => symbol);

  it.each([
    ['sp500', 503],
    ['nasdaq100', 101],
    ['dow30', 30],
  ])('resolves the predefined %s to %i symbols', async (name, count) => {
    expect(await symbolsOf(name)).toHaveLength(count);
  });

  it('resolves a CSV file, spelling symbols as the vendor does', async () => {
    const file = scratchFile('watch.csv', 'Symbol,Name\r\nBRK-B,Berkshire Hathaway\r\nAAPL,Apple\r\n');
    expect(await symbolsOf(`csv:${file}`)).toEqual(['AAPL', 'BRK.B']);
  });

  it('resolves a list kept in the database', async () => {
    await universes.import('watch', scratchFile('watch.csv', 'ZZZ\nAAPL\n'));
    expect(await symbolsOf('watch')).toEqual(['AAPL', 'ZZZ']);
    expect(await symbolsOf('list:watch')).toEqual(['AAPL', 'ZZZ']);
  });

  it('resolves all three kinds in one call, each symbol once', async () => {
    await universes.import('watch', scratchFile('watch.csv', 'ZZZ\nAAPL\n'));
    const file = scratchFile('more.csv', 'ZZZ\nYYY\n');
    const symbols = await symbolsOf(`dow30,watch,csv:${file}`);
    expect(symbols).toHaveLength(32);
    expect(symbols).toEqual([...new Set(symbols)].toSorted());
  });

  it('lists what it knows with kind, count, day and source', async () => {
    const file = scratchFile('watch.csv', 'ZZZ\nAAPL\n');
    await universes.import('watch', file);
    const known = await universes.list();
    expect(known.map(({ name }) => name)).toEqual(['sp500', 'nasdaq100', 'dow30', 'watch']);
    expect(known.at(-1)).toMatchObject({ kind: 'database', members: 2, source: file });
  });

  it('imports nothing from a file with a bad line', async () => {
    await universes.import('watch', scratchFile('watch.csv', 'AAPL\n'));
    const bad = scratchFile('bad.csv', 'MSFT\nnot a symbol\n');
    expect(await thrownBy(() => universes.import('watch', bad))).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(`${bad}, line 2, column 1`),
    });
    expect(await symbolsOf('watch')).toEqual(['AAPL']);
  });

  it("names the near ones of an unknown universe, the database's included", async () => {
    await universes.import('watchlist', scratchFile('watch.csv', 'AAPL\n'));
    expect(await thrownBy(() => universes.resolve('watchlst'))).toMatchObject({
      exitCode: 2,
      message: 'There is no universe "watchlst". Did you mean watchlist?',
    });
  });
});
