import { afterAll, beforeAll } from 'vitest';
import type { IsoDate } from '../../src/market/date.ts';
import { type Database, openDatabase } from '../../src/storage/database.ts';
import { type TestDatabase, createTestDatabase } from './postgres.ts';

/** A migrated database of the test file's own, open from its first test to its last; views read `asOf` as today. */
export function openedDatabase(asOf?: IsoDate): () => Database & { readonly url: string } {
  let created: TestDatabase | undefined;
  let opened: Database | undefined;
  beforeAll(async () => {
    created = await createTestDatabase();
    opened = await openDatabase({
      databaseUrl: created.url,
      dataDir: '',
      schema: 'public',
      asOf: asOf === undefined ? undefined : () => asOf,
    });
  });
  afterAll(async () => {
    await opened?.close();
    await created?.drop();
  });
  return () => {
    if (created === undefined || opened === undefined) throw new Error('No test runs yet.');
    return { ...opened, url: created.url };
  };
}
