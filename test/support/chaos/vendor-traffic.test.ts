import { describe, expect, it } from 'vitest';
import { createVendorTraffic } from './vendor-traffic.ts';

const get = (path: string): Buffer => Buffer.from(`GET ${path} HTTP/1.1\r\nhost: vendor\r\n\r\n`);
const answer = (status: number, id: string): string =>
  `HTTP/1.1 ${status} X\r\nContent-Length: 2\r\nX-Request-Id: ${id}\r\nVary: a\r\n\r\n{}`;

describe('traffic with the vendor', () => {
  it('is told request by request, however it is cut into chunks', () => {
    const traffic = createVendorTraffic();
    const tap = traffic.tap('worker-1');
    tap.toServer?.(get('/a?x=1').subarray(0, 9));
    expect(traffic.exchanges).toEqual([]);
    tap.toServer?.(get('/a?x=1').subarray(9));
    expect(traffic.exchanges).toMatchObject([{ n: 1, by: 'worker-1', path: '/a?x=1', state: 'open' }]);
    const bytes = Buffer.from(answer(200, 'abc1'));
    tap.toClient?.(bytes.subarray(0, 50));
    expect(traffic.exchanges).toMatchObject([{ state: 'open', requestId: null }]);
    tap.toClient?.(bytes.subarray(50, -1));
    expect(traffic.exchanges).toMatchObject([{ state: 'open', requestId: 'abc1' }]);
    tap.toClient?.(bytes.subarray(-1));
    expect(traffic.exchanges).toMatchObject([{ state: 'answered', requestId: 'abc1' }]);
    tap.toServer?.(get('/b'));
    tap.toClient?.(Buffer.from(answer(503, 'abc2')));
    expect(traffic.exchanges.slice(1)).toMatchObject([
      { n: 2, path: '/b', state: 'failed', requestId: 'abc2' },
    ]);
  });

  it('has failed when the connection ends without an answer, and not when it ends later', () => {
    const traffic = createVendorTraffic();
    const [first, second] = [traffic.tap('a'), traffic.tap('b')];
    first.toServer?.(get('/1'));
    second.toServer?.(get('/2'));
    second.toClient?.(Buffer.from(answer(200, 'ff')));
    first.closed?.();
    second.closed?.();
    expect(traffic.exchanges.map(({ by, state }) => `${by} ${state}`)).toEqual(['a failed', 'b answered']);
  });
});
