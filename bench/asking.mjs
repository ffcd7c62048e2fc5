// A client of the service that measures how long its answers take.
import { since } from './programs.mjs';

/** The text of an answer. @throws Error for anything but 200 */
export async function ask(client, path, body) {
  const { statusCode, body: answer } = await client.request({
    path,
    method: body === undefined ? 'GET' : 'POST',
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const text = await answer.text();
  if (statusCode !== 200) throw new Error(`${path} answered ${statusCode}: ${text}`);
  return text;
}

/** Requests with what every answer must be: what comes now. */
export function withAnswers(client, paths) {
  return Promise.all(paths.map(async (path) => ({ path, answer: await ask(client, path) })));
}

/**
 * Makes `count` requests, each of them in turn, over so many connections that send their next one when they have an
 * answer: the quantiles of their latencies in ms, and how many a second. @throws Error for an answer that is another
 */
export async function askInTurns(client, requests, { connections, count }) {
  const latencies = [];
  let next = 0;
  const startedAt = performance.now();
  const askNext = async () => {
    for (let nth = next++; nth < count; nth = next++) {
      const { path, answer } = requests[nth % requests.length];
      const sentAt = performance.now();
      const got = await ask(client, path);
      latencies.push(performance.now() - sentAt);
      if (got !== answer) throw new Error(`${path} answered ${got} instead of ${answer}`);
    }
  };
  await Promise.all(Array.from({ length: connections }, askNext));
  return { ...quantiles(latencies), perSecond: count / since(startedAt) };
}

/** The median and the 99th percentile. */
export function quantiles(latencies) {
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.ceil(share * sorted.length) - 1];
  return { p50: at(0.5), p99: at(0.99) };
}
