import type { TestContext } from 'vitest';
import { type TestDatabase, createTestDatabase } from './postgres.ts';

/** A migrated database that goes away with the running test. */
export async function scratchDatabase({
  onTestFinished,
}: Pick<TestContext, 'onTestFinished'>): Promise<TestDatabase> {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  return database;
}
