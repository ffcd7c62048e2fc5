import { beforeEach, describe, expect, it } from 'vitest';
import { openedDatabase } from '../../test/support/opened-database.ts';
import { thrownBy } from '../../test/support/thrown-by.ts';
import { claimBarSource } from './bar-source.ts';

const opened = openedDatabase();
beforeEach(() => opened().pool.query('TRUNCATE bar_source'));

describe('the source of bars', () => {
  it('is claimed by the first import and taken again by the same', async () => {
    await claimBarSource(opened().pool, 'Massive');
    await claimBarSource(opened().pool, 'Massive');
    const { rows } = await opened().pool.query('SELECT source FROM bar_source');
    expect(rows).toEqual([{ source: 'Massive' }]);
  });

  it('is never mixed with another', async () => {
    await claimBarSource(opened().pool, 'a sandbox');
    expect(await thrownBy(() => claimBarSource(opened().pool, 'Massive'))).toMatchObject({
      code: 'CONFIG_INVALID',
      message:
        'This database holds bars from a sandbox; bars from Massive are never mixed in. ' +
        'Use another database: set TICKSTOCK_DATA_DIR to a new folder, or DATABASE_URL.',
    });
  });

  it('goes to one of two that claim it at once', async () => {
    const both = await Promise.allSettled(
      ['Massive', 'a sandbox'].map((source) => claimBarSource(opened().pool, source)),
    );
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });
});
