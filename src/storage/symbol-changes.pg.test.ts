import { beforeEach, describe, expect, it } from 'vitest';
import { openedDatabase } from '../../test/support/opened-database.ts';
import { thrownBy } from '../../test/support/thrown-by.ts';
import type { SymbolChange } from '../market/name-history.ts';
import { createSymbolChangeStore } from './symbol-changes.ts';

const opened = openedDatabase();
beforeEach(() => opened().pool.query('TRUNCATE symbol_changes'));

const change = (
  oldSymbol: string,
  newSymbol: string,
  lastSession = '2015-12-21',
  source = 'x',
): SymbolChange => ({ oldSymbol, newSymbol, lastSession, source });

describe('the renames in PostgreSQL', () => {
  it('come back by date and old symbol, and are new once', async () => {
    const store = createSymbolChangeStore(opened());
    const [late, early, same] = [
      change('DDAY', 'FNCX', '2016-06-10'),
      change('QQQ', 'QQQQ', '2004-11-30'),
      change('A', 'B', '2016-06-10'),
    ];
    expect(await store.store([late, early])).toEqual({ new: 2, changed: 0, unchanged: 0 });
    expect(await store.store([same, late, early])).toEqual({ new: 1, changed: 0, unchanged: 2 });
    expect(await store.list()).toEqual([early, same, late]);
  });

  it.each([
    ['a source', change('ISIS', 'IONS', '2015-12-21', 'y')],
    ['what it became', change('ISIS', 'IONZ')],
    ['what it was', change('ISIX', 'IONS')],
  ])('are corrected in %s by a later word on the same date', async (_, corrected) => {
    const store = createSymbolChangeStore(opened());
    await store.store([change('ISIS', 'IONS'), change('A', 'B')]);
    expect(await store.store([corrected])).toEqual({ new: 0, changed: 1, unchanged: 0 });
    expect(await store.list()).toEqual([change('A', 'B'), corrected]);
  });

  it('are corrected when two had their successors exchanged', async () => {
    const store = createSymbolChangeStore(opened());
    await store.store([change('A', 'B'), change('C', 'D')]);
    const right = [change('A', 'D'), change('C', 'B')];
    expect(await store.store(right)).toEqual({ new: 0, changed: 2, unchanged: 0 });
    expect(await store.list()).toEqual(right);
  });

  it('stay whole when one of many cannot be stored', async () => {
    const store = createSymbolChangeStore(opened());
    await store.store([change('ISIS', 'IONS')]);
    const bad = [change('ISIS', 'IONZ'), change('A', 'A')];
    expect(await thrownBy(() => store.store(bad))).toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringContaining('Could not store the renames'),
    });
    expect(await store.list()).toEqual([change('ISIS', 'IONS')]);
  });

  it('are the later one’s when two say different things at once', async () => {
    const store = createSymbolChangeStore(opened());
    const ended = await Promise.all([
      store.store([change('A', 'B')]),
      store.store([change('A', 'C')]),
      store.store([change('D', 'B')]),
    ]);
    const known = await store.list();
    expect(ended.reduce((sum, one) => sum + one.new + one.changed, 0)).toBe(3);
    expect(new Set(known.map(({ oldSymbol }) => oldSymbol)).size).toBe(known.length);
    expect(new Set(known.map(({ newSymbol }) => newSymbol)).size).toBe(known.length);
  });
});
