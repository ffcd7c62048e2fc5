import { describe, expect, it } from 'vitest';
import { openedDatabase } from '../../test/support/opened-database.ts';
import { describeSchema } from '../../test/support/schema-description.ts';

describe('the schema that the migrations make', () => {
  const opened = openedDatabase();

  // So that a migration's net effect shows in review. After a new one: npx vitest run --project pg src/storage/schema --update
  it('is the one in test/schema.txt', async () => {
    await expect(await describeSchema(opened().pool)).toMatchFileSnapshot('../../test/schema.txt');
  });
});
