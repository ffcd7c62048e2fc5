import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, createTestDatabase } from '../../test/support/postgres.ts';
import { thrownBy } from '../../test/support/thrown-by.ts';
import { member, universeListsContract } from '../../test/support/universe-lists.ts';
import { type Database, openDatabase } from './database.ts';
import { createUniverseStore } from './universes.ts';

let testDatabase: TestDatabase;
let database: Database;
beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await openDatabase({
    databaseUrl: testDatabase.url,
    dataDir: '',
    schema: 'public',
    asOf: undefined,
  });
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});
beforeEach(() => database.pool.query('TRUNCATE universes CASCADE'));

describe('universe lists in PostgreSQL', () => {
  universeListsContract(async () => createUniverseStore(database));

  it('keeps the old list whole when the new one cannot be stored', async () => {
    const store = createUniverseStore(database);
    await store.replace('mine', [member('A'), member('B')], 'old.csv');
    const twice = [member('C'), member('C')];
    expect(await thrownBy(() => store.replace('mine', twice, 'new.csv'))).toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringContaining('Could not store the universe mine'),
    });
    expect((await store.find('mine', '2026-01-05'))?.members.map(({ symbol }) => symbol)).toEqual(['A', 'B']);
    expect((await store.list('2026-01-05'))[0]?.source).toBe('old.csv');
  });

  it('leaves exactly one of two lists imported at once', async () => {
    const store = createUniverseStore(database);
    await Promise.all([
      store.replace('mine', [member('A'), member('B')], 'one.csv'),
      store.replace('mine', [member('B'), member('C')], 'two.csv'),
    ]);
    const symbols = (await store.find('mine', '2026-01-05'))?.members.map(({ symbol }) => symbol);
    const source = (await store.list('2026-01-05'))[0]?.source;
    expect(symbols).toEqual(source === 'one.csv' ? ['A', 'B'] : ['B', 'C']);
  });
});
