import type pg from 'pg';
import type { IsoDate } from '../../market/date.ts';
import type { Timeframe } from '../../market/timeframe.ts';

/** Something to look for, as a query of rows (symbol, timeframe, session, detail), one for each find. */
export interface Check {
  /** Short and lasting. */
  readonly name: string;
  /** In words. */
  readonly words: string;
  readonly sql: string;
}

export interface Example {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  /** Of weeks and months the date they are stamped with. */
  readonly session: IsoDate;
  readonly detail: string;
}

/** What a check found. */
export interface Checked {
  readonly name: string;
  readonly words: string;
  readonly found: number;
  /** The newest few. */
  readonly examples: readonly Example[];
}

const EXAMPLES = 5;

export async function runCheck(client: pg.ClientBase, { name, words, sql }: Check): Promise<Checked> {
  const { rows } = await client.query<Example & { found: number }>(
    `SELECT symbol, timeframe, session::text AS session, detail, (count(*) OVER ())::integer AS found
       FROM (${sql}) finds
      ORDER BY finds.session DESC, symbol, timeframe LIMIT ${EXAMPLES}`,
  );
  return {
    name,
    words,
    found: rows[0]?.found ?? 0,
    examples: rows.map(({ symbol, timeframe, session, detail }) => ({ symbol, timeframe, session, detail })),
  };
}
