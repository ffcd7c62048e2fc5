import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { beforeAll, expect, it } from 'vitest';
import { createUniverseStore } from '../../src/storage/universes.ts';
import { type UniverseManager, createUniverseManager } from '../../src/universe/universe-manager.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { openedDatabase } from '../support/opened-database.ts';
import { run } from '../support/program.ts';
import { describeWithSharedData } from '../support/shared-data.ts';

type Row = Readonly<Record<string, string>>;

const histories = [
  { name: 'sp500', members: 'sp500_members_1996-01-02.csv', asOf: '1996-01-02', since: '2014-01-01' },
  { name: 'nasdaq100', members: 'nasdaq100_members_2015-01-01.csv', asOf: '2015-01-01', since: '2017-01-01' },
] as const;

describeWithSharedData('the members of the indices, on any date', (folder) => {
  const rows = (file: string): Row[] =>
    parse(readFileSync(join(folder, 'universes', file), 'utf8'), { columns: true });
  const symbolsIn = (file: string): string[] => rows(file).map((row) => row['symbol']!);
  const words = (text: string | undefined): string[] =>
    text === undefined || text === '' ? [] : text.split(' ');

  const database = openedDatabase();
  let universes: UniverseManager;
  beforeAll(() => {
    universes = createUniverseManager({
      lists: createUniverseStore(database()),
      clock: createFakeClock(Date.UTC(2026, 7, 10, 12)),
    });
  });
  const membersOn = async (name: string, date: string): Promise<string[]> =>
    (await universes.resolve(`${name}@${date}`)).members.map(({ symbol }) => symbol);

  it.each(histories)('$name at every change of two years is what the changes add up to', async (history) => {
    const { name, members, asOf, since } = history;
    await universes.importHistory(name, {
      changes: join(folder, 'universes', `${name}_changes.csv`),
      members: { path: join(folder, 'universes', members), asOf },
    });
    const until = `${Number(since.slice(0, 4)) + 2}${since.slice(4)}`;
    const expected = new Set(symbolsIn(members));
    let compared = 0;
    for (const { date, added, removed } of rows(`${name}_changes.csv`)) {
      for (const symbol of words(removed)) expected.delete(symbol);
      for (const symbol of words(added)) expected.add(symbol);
      if (date! < since || date! >= until) continue;
      expect(await membersOn(name, date!)).toEqual([...expected].toSorted());
      compared++;
    }
    expect(compared).toBeGreaterThanOrEqual(10);
  });

  it('sp500@2015-03-20 is the list of that day, through the program too', async () => {
    const listed = symbolsIn('sp500_2015-03-20.csv');
    expect(listed).toHaveLength(499);
    expect(await membersOn('sp500', '2015-03-20')).toEqual(listed.toSorted());
    const env = { DATABASE_URL: database().url };
    const shown = await run(['universe', 'show', 'sp500@2015-03-20', '--json'], { env });
    const { total, members } = JSON.parse(shown.out) as { total: number; members: { symbol: string }[] };
    expect(total).toBe(499);
    expect(members.map(({ symbol }) => symbol)).toEqual(listed.toSorted());
    const diff = await run(['universe', 'diff', 'sp500@2015-03-19', 'sp500@2015-03-20'], { env });
    expect(diff.out).toMatch(/^only in sp500@2015-03-19 \(\d+\):/);
  });
});
