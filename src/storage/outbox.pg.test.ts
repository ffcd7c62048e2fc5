import { beforeEach, describe, expect, it } from 'vitest';
import { openedDatabase } from '../../test/support/opened-database.ts';
import { whileHolding } from './exclusive.ts';
import {
  type OutboxEvent,
  appendEvents,
  markSent,
  numberEvents,
  outboxState,
  pruneEvents,
  readEvents,
  readUnsent,
} from './outbox.ts';

const opened = openedDatabase();
beforeEach(() =>
  opened().pool.query('TRUNCATE events; UPDATE event_position SET numbered = 0, sent = 0, listeners = 0'),
);

const event = (text: string, about: Partial<OutboxEvent> = {}): OutboxEvent => ({
  channel: 'c',
  event: 'e',
  runId: 'r',
  attempt: 1,
  message: { text },
  ...about,
});
const progress = (text: string, about: Partial<OutboxEvent> = {}): OutboxEvent =>
  event(text, { event: 'job_progress_update', ...about });

const append = (...events: OutboxEvent[]): Promise<void> =>
  opened().transaction('append', (client) => appendEvents(client, events));
const number = (): Promise<number> => opened().transaction('number', numberEvents);
const textsOf = (events: readonly { number: number; message: object }[]): string[] =>
  events.map((one) => `${one.number} ${(one.message as { text: string }).text}`);
const unsent = async (limit = 100): Promise<{ texts: string[]; through: number }> => {
  const { events, through } = await opened().transaction('read', (client) => readUnsent(client, limit));
  return { texts: textsOf(events), through };
};

describe('the outbox', () => {
  it('numbers events in the order they were written, once', async () => {
    await append(event('a'), event('b'));
    await append(event('c'));
    expect([await number(), await number()]).toEqual([3, 3]);
    expect(textsOf(await readEvents(opened().pool, 0, 10))).toEqual(['1 a', '2 b', '3 c']);
    expect(textsOf(await readEvents(opened().pool, 1, 1))).toEqual(['2 b']);
  });

  it('gives no number to what was undone, and leaves no hole for it', async () => {
    await append(event('a'));
    await opened()
      .transaction('fail', async (client) => {
        await appendEvents(client, [event('undone')]);
        throw new Error('no');
      })
      .catch(() => {});
    await append(event('b'));
    await number();
    expect(textsOf(await readEvents(opened().pool, 0, 10))).toEqual(['1 a', '2 b']);
  });

  it('numbers what was committed late after what was numbered before, so that no reader misses it', async () => {
    const late = await opened().pool.connect();
    await late.query('BEGIN');
    await appendEvents(late, [event('written first, committed last')]);
    await append(event('committed first'));
    await number();
    await late.query('COMMIT');
    late.release();
    await number();
    expect(textsOf(await readEvents(opened().pool, 0, 10))).toEqual([
      '1 committed first',
      '2 written first, committed last',
    ]);
  });

  it('gives each number once however many write and number at the same time', async () => {
    const writers = Array.from({ length: 20 }, (_, i) => append(event(`${i}a`), event(`${i}b`)));
    await Promise.all([...writers, ...Array.from({ length: 20 }, number)]);
    expect(await number()).toBe(40);
    const numbers = (await readEvents(opened().pool, 0, 100)).map((one) => one.number);
    expect(numbers).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  });

  it('leaves out all but the newest progress of an attempt of a run, which keeps its number', async () => {
    await append(
      progress('old'),
      event('symbol'),
      progress('newer'),
      progress('of another run', { runId: 's' }),
      progress('of the next attempt', { attempt: 2 }),
      progress('newest'),
      event('end'),
    );
    await number();
    expect(await unsent()).toEqual({
      texts: ['2 symbol', '4 of another run', '5 of the next attempt', '6 newest', '7 end'],
      through: 7,
    });
  });

  it('goes on after what was sent, page by page, over what was pruned', async () => {
    await append(...['a', 'b', 'c', 'd', 'e'].map((text) => event(text)));
    await number();
    expect(await unsent(2)).toEqual({ texts: ['1 a', '2 b'], through: 2 });
    await opened().transaction('sent', (client) => markSent(client, 2, 0));
    await opened().pool.query('DELETE FROM events WHERE number = 3');
    expect(await unsent(2)).toEqual({ texts: ['4 d', '5 e'], through: 5 });
    await opened().transaction('sent', (client) => markSent(client, 5, 0));
    expect(await unsent(2)).toEqual({ texts: [], through: 0 });
  });

  it('tells what is kept, and how long the oldest has waited', async () => {
    expect(await outboxState(opened().pool)).toEqual({
      first: 1,
      numbered: 0,
      sent: 0,
      waiting: 0,
      lagSeconds: 0,
    });
    await append(event('a'), event('b'));
    await number();
    await opened().pool.query(`UPDATE events SET created_at = now() - interval '1 hour' WHERE number = 1`);
    const state = await outboxState(opened().pool);
    expect(state).toMatchObject({ first: 1, numbered: 2, sent: 0, waiting: 2 });
    expect(state.lagSeconds).toBeGreaterThanOrEqual(3600);
  });

  it('forgets what is older than it should keep, and its numbers go on', async () => {
    await append(event('old'), event('new'));
    await number();
    await opened().pool.query(`UPDATE events SET created_at = now() - interval '8 days' WHERE number = 1`);
    expect(await pruneEvents(opened().pool, 7)).toBe(1);
    expect(await outboxState(opened().pool)).toMatchObject({ first: 2, numbered: 2 });
    await opened().pool.query('DELETE FROM events');
    await append(event('next'));
    expect(await number()).toBe(3);
  });

  it('is published by one at a time', async () => {
    const inside: string[] = [];
    const held = await whileHolding(opened(), 'publish', async () => {
      inside.push('first');
      expect(await whileHolding(opened(), 'publish', async () => void inside.push('second'))).toBe(false);
      expect(await whileHolding(opened(), 'another', async () => void inside.push('another'))).toBe(true);
    });
    expect([held, inside]).toEqual([true, ['first', 'another']]);
    expect(await whileHolding(opened(), 'publish', async () => {})).toBe(true);
  });

  it('can be published by another after its holder failed', async () => {
    const failing = whileHolding(opened(), 'publish', async () => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await whileHolding(opened(), 'publish', async () => {})).toBe(true);
  });
});
