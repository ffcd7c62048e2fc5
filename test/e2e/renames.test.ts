import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dataRows } from '../support/data-rows.ts';
import { openedDatabase } from '../support/opened-database.ts';
import { type Ended, run } from '../support/program.ts';
import { scratchFile } from '../support/scratch-file.ts';
import { describeWithSharedData } from '../support/shared-data.ts';
import { tableLines } from '../support/table-lines.ts';

const database = openedDatabase();
const tickstock = (...args: string[]): Promise<Ended> => run(args, { env: { DATABASE_URL: database().url } });
const json = async (...args: string[]) => JSON.parse((await tickstock(...args, '--json')).out);

describe('a renamed symbol', () => {
  beforeAll(() =>
    database().pool.query(`
      TRUNCATE symbol_changes;
      INSERT INTO symbol_changes (old_symbol, new_symbol, last_session, source) VALUES ('ISIS', 'IONS', '2015-12-21', 'news')`),
  );

  it.each([
    ['IONS', '2015-06-01', 'ISIS', 'ISIS until 2015-12-21'],
    ['ISIS', '2016-01-05', 'IONS', 'IONS after 2015-12-21'],
  ])('is explained on the other side: %s on %s', async (symbol, date, other, words) => {
    const { code, out, err } = await tickstock('explain', symbol, date);
    expect([code, err]).toEqual([0, `Nothing is stored of ${symbol}: it was never asked for.\n`]);
    expect(tableLines(out).slice(3, 6)).toEqual([
      `renamed | ${words}. See: tickstock explain ${other} ${date}`,
      'daily | never asked',
      `The symbol was renamed: ${words}.`,
    ]);
    expect(await json('explain', symbol, date)).toMatchObject({ renames: [{ symbol: other }] });
  });

  it('is explained under its own name as any other', async () => {
    const { out, err } = await tickstock('explain', 'ISIS', '2015-06-01');
    expect(out).not.toContain('renamed');
    expect(err).toContain('Import it: tickstock import --symbols ISIS --from 2015-06-01');
    expect(await json('explain', 'ISIS', '2015-06-01')).toMatchObject({ renames: [] });
  });

  it('has its bars looked for on the other side', async () => {
    const asked = (...range: string[]): Promise<Ended> => tickstock('bars', 'IONS', ...range);
    expect((await asked('--to', '2015-06-30')).err).toBe(
      'No daily bars of IONS are stored for that. It was renamed: ISIS until 2015-12-21. See: tickstock bars ISIS; or import all: tickstock import --symbols IONS,ISIS\n',
    );
    expect((await asked('--from', '2015-12-22')).err).toBe(
      'No daily bars of IONS are stored for that. Import them: tickstock import --symbols IONS\n',
    );
  });

  it('stays as it was known when a file has a bad line', async () => {
    const file = scratchFile(
      'bad.csv',
      'last_date_old,old_symbol,new_symbol,source\n2015-12-21,ISIS,IONZ,x\n2015-12-26,A,A,x\n',
    );
    expect(await tickstock('universe', 'renames', file)).toEqual({
      code: 2,
      out: '',
      err: `tickstock: Cannot use ${file} as renames, nothing was taken from it: 1 bad line.\n  ${file}, line 3, column 1: last_date_old: found "2015-12-26", no trading session (weekend); expected the last session under the old name.\n`,
    });
    expect(await json('universe', 'renames')).toMatchObject({ renames: [{ new_symbol: 'IONS' }] });
  });
});

describeWithSharedData('the renames of real symbols', (folder) => {
  const file = join(folder, 'symbol_changes.csv');
  const count = dataRows(file).length;
  beforeEach(() => database().pool.query('TRUNCATE symbol_changes'));

  it('are taken from their file once, and the universe says so', async () => {
    expect(await json('universe', 'renames', file)).toEqual({
      source: file,
      new: count,
      changed: 0,
      unchanged: 0,
    });
    expect((await tickstock('universe', 'renames', file)).out).toBe(
      `${count} renames from ${file}: 0 new, 0 changed, ${count} unchanged\n`,
    );
    expect((await json('universe', 'renames')).total).toBe(count);

    const symbols = scratchFile('mine.csv', 'AAPL\nDDAY\nFNCX\nIONS\nISIS\nQQQ\nQQQQ\nVGGL\n');
    const { out } = await tickstock('universe', 'show', `csv:${symbols}`);
    expect(tableLines(out)).toEqual([
      'symbol | name | sector | other names',
      'AAPL',
      'DDAY | VGGL until 2016-01-27, FNCX after 2016-06-10',
      'FNCX | VGGL until 2016-01-27, DDAY after 2016-01-27 until 2016-06-10',
      'IONS | ISIS until 2015-12-21',
      'ISIS | IONS after 2015-12-21',
      'QQQ | QQQQ after 2004-11-30 until 2011-03-22',
      'QQQQ | QQQ until 2004-11-30, QQQ after 2011-03-22',
      'VGGL | DDAY after 2016-01-27 until 2016-06-10, FNCX after 2016-06-10',
    ]);
    const { members } = await json('universe', 'show', `csv:${symbols}`);
    expect(members.slice(0, 1)).toEqual([{ symbol: 'AAPL', name: null, sector: null }]);
    expect(members[3].renames).toEqual([{ symbol: 'ISIS', after: null, until: '2015-12-21' }]);
  });
});
