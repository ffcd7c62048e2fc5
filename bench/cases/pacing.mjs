import { leastGap, measurePacing } from '../paced-processes.mjs';

const INTERVAL_MS = 12;
const PROCESSES = 4;
/** What the vendor's limit is when a request is allowed every 12 ms. */
const TRUE_LIMIT = { requests: 83, perMs: 1000 };

export const pacing = {
  name: 'pacing',
  title: 'Pacing of several processes',
  about:
    'Four processes with ten workers each and one key ask a sandbox that allows 83 requests a second, as fast as they get turns at 12 ms. The gap is by the database’s time, over all processes.',
  figures: [
    {
      name: 'least time between two slots',
      unit: 'ms',
      of: ({ slots }) => leastGap(slots),
      atLeast: INTERVAL_MS,
    },
    { name: 'of the budget used', unit: '%', of: usedPercent, atLeast: 98 },
    { name: 'refused with 429', unit: 'requests', of: ({ refusals }) => refusals.flat().length, atMost: 0 },
    { name: 'sent after its slot, p99', unit: 'ms', of: ({ late }) => late[Math.floor(late.length * 0.99)] },
  ],
  async *measureRounds({ quick, rounds }) {
    const seconds = quick ? 1 : 10;
    for (let n = 0; n < rounds; n++)
      yield measurePacing({ processes: PROCESSES, seconds, intervalMs: INTERVAL_MS, rate: TRUE_LIMIT });
  },
};

function usedPercent({ sent }) {
  const meanGap = (sent.at(-1) - sent[0]) / (sent.length - 1);
  return (100 * INTERVAL_MS) / meanGap;
}
