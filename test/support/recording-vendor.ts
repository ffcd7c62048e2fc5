import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'vitest';

/**
 * Passes every request on to another server; `arrivals` is when each came, ms since the epoch. `onArrival` is told how
 * many that were.
 */
export async function recordingVendor(
  target: string,
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
  onArrival: (count: number) => void = () => {},
): Promise<{ readonly url: string; readonly arrivals: readonly number[] }> {
  const arrivals: number[] = [];
  const server = createServer((incoming, outgoing) => {
    onArrival(arrivals.push(Date.now()));
    const onward = request(`${target}${incoming.url}`, { headers: incoming.headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    onward.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, arrivals };
}
