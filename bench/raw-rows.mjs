// The same bars by the ways others write them, into bars_daily as the migrations make it.
import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { boolean, date, doublePrecision, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { drizzle } from 'drizzle-orm/node-postgres';
import { from as copyFrom } from 'pg-copy-streams';
import { since } from './programs.mjs';

export const COLUMNS = [
  'symbol',
  'session',
  'open',
  'high',
  'low',
  'close',
  'volume',
  'vwap',
  'trades',
  'final',
];
const TYPES = ['text', 'date', ...Array.from({ length: 6 }, () => 'double precision'), 'integer', 'boolean'];

const daily = pgTable('bars_daily', {
  symbol: text().notNull(),
  session: date().notNull(),
  open: doublePrecision().notNull(),
  high: doublePrecision().notNull(),
  low: doublePrecision().notNull(),
  close: doublePrecision().notNull(),
  volume: doublePrecision().notNull(),
  vwap: doublePrecision(),
  trades: integer(),
  final: boolean().notNull(),
});

/** Seconds that some writing over one connection takes. */
export async function secondsOf({ pool }, write) {
  const client = await pool.connect();
  try {
    const startedAt = performance.now();
    await write(client);
    return since(startedAt);
  } finally {
    client.release();
  }
}

/** The fields of a bar in the order of the columns. */
export function toRow(bar) {
  return COLUMNS.map((column) => (column === 'final' ? true : bar[column]));
}

/** A file that `\copy bars_daily (…) from FILE` reads. */
export async function writeCopyFile(path, bars) {
  await pipeline(Readable.from(lines(bars)), createWriteStream(path));
}

function* lines(bars) {
  for (let at = 0; at < bars.length; at += 1000)
    yield bars
      .slice(at, at + 1000)
      .map(
        (bar) =>
          `${toRow(bar)
            .map((field) => field ?? '\\N')
            .join('\t')}\n`,
      )
      .join('');
}

/** What `\copy bars_daily (…) from FILE` sends. */
export async function copyFile(client, path) {
  await pipeline(
    createReadStream(path),
    client.query(copyFrom(`COPY bars_daily (${COLUMNS.join(', ')}) FROM STDIN`)),
  );
}

/** `insert … values (…), (…), …` of so many rows a statement, in one transaction. */
export async function insertRows(client, bars, rowsPerStatement = 1000) {
  await client.query('BEGIN');
  for (let at = 0; at < bars.length; at += rowsPerStatement) {
    const rows = bars.slice(at, at + rowsPerStatement).map(toRow);
    const values = rows.map(
      (row, nth) => `(${row.map((_, column) => `$${nth * row.length + column + 1}`).join(', ')})`,
    );
    await client.query(
      `INSERT INTO bars_daily (${COLUMNS.join(', ')}) VALUES ${values.join(', ')}`,
      rows.flat(),
    );
  }
  await client.query('COMMIT');
}

/** `insert … select from unnest(…)`, one array a column, in one transaction. */
export async function insertArrays(client, bars, rowsPerStatement = 10_000) {
  const arrays = TYPES.map((type, column) => `$${column + 1}::${type}[]`).join(', ');
  await client.query('BEGIN');
  for (let at = 0; at < bars.length; at += rowsPerStatement) {
    const rows = bars.slice(at, at + rowsPerStatement).map(toRow);
    await client.query(
      `INSERT INTO bars_daily (${COLUMNS.join(', ')}) SELECT * FROM unnest(${arrays})`,
      COLUMNS.map((_, column) => rows.map((row) => row[column])),
    );
  }
  await client.query('COMMIT');
}

/** Drizzle ORM's bulk insert, in one transaction. */
export async function insertByOrm(client, bars, rowsPerStatement = 1000) {
  await drizzle({ client }).transaction(async (transaction) => {
    for (let at = 0; at < bars.length; at += rowsPerStatement)
      await transaction
        .insert(daily)
        .values(bars.slice(at, at + rowsPerStatement).map((bar) => ({ ...bar, final: true })));
  });
}
