import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ListedRow, ask, at, startSandbox } from '../../test/support/sandbox.ts';
import type { Sandbox } from './sandbox.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

describe('market status', () => {
  it.each([
    ['2026-08-07T07:59:59Z', 'closed', '2026-08-07T03:59:59-04:00'],
    ['2026-08-07T08:00:00Z', 'extended-hours', '2026-08-07T04:00:00-04:00'],
    ['2026-08-07T13:30:00Z', 'open', '2026-08-07T09:30:00-04:00'],
    ['2026-08-07T20:00:00Z', 'extended-hours', '2026-08-07T16:00:00-04:00'],
    ['2026-08-08T00:00:00Z', 'closed', '2026-08-07T20:00:00-04:00'],
    ['2025-11-28T18:00:00Z', 'extended-hours', '2025-11-28T13:00:00-05:00'],
    ['2025-11-28T22:00:00Z', 'closed', '2025-11-28T17:00:00-05:00'],
    ['2026-07-03T15:00:00Z', 'closed', '2026-07-03T11:00:00-04:00'],
  ])('at %s is %s', async (now, market, serverTime) => {
    const { body } = await at(sandbox, now, () => ask(sandbox, '/v1/marketstatus/now'));
    expect([body.market, body.serverTime.slice(0, 19)]).toEqual([market, serverTime.slice(0, 19)]);
    expect(body.serverTime.slice(19)).toBe(serverTime.slice(19));
    expect([body.earlyHours, body.afterHours].filter(Boolean)).toHaveLength(
      market === 'extended-hours' ? 1 : 0,
    );
  });

  it('lists the closures and early closes to come as a bare array', async () => {
    const { body } = await ask(sandbox, '/v1/marketstatus/upcoming');
    const nyse = (body as ListedRow[]).filter(({ exchange }) => exchange === 'NYSE');
    expect(nyse[0]).toEqual({ date: '2026-09-07', exchange: 'NYSE', name: 'Labor Day', status: 'closed' });
    expect(nyse.find(({ date }) => date === '2026-11-27')).toEqual({
      date: '2026-11-27',
      exchange: 'NYSE',
      name: 'Thanksgiving',
      status: 'early-close',
      open: '2026-11-27T14:30:00.000Z',
      close: '2026-11-27T18:00:00.000Z',
    });
    expect(nyse.every(({ date }) => date > '2026-08-08')).toBe(true);
  });
});
