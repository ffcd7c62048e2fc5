import { sessionsBetween } from '../dist/market/calendar.js';
import { newYorkMidnight } from '../dist/market/new-york.js';

/** So many sessions to the end of 2025, oldest first. */
export function lastSessions(count) {
  return sessionsBetween('2005-01-01', '2025-12-31').slice(-count);
}

/** Day bars of made-up symbols, one array a symbol: the same ones in every run. */
export function madeBars(symbols, sessions) {
  const starts = sessions.map(newYorkMidnight);
  return Array.from({ length: symbols }, (_, nth) => {
    const symbol = `S${String(nth).padStart(5, '0')}`;
    let close = 20 + (nth % 180);
    return sessions.map((session, at) => {
      const open = close;
      close = cents(open * (1 + 0.02 * Math.sin(nth + at * 1.7)));
      return {
        symbol,
        session,
        startsAt: starts[at],
        open,
        high: cents(Math.max(open, close) * 1.004),
        low: cents(Math.min(open, close) * 0.996),
        close,
        volume: 100_000 + ((nth * 7919 + at * 104_729) % 5_000_000),
        vwap: Math.round((open + close) * 5000) / 10_000,
        trades: 1000 + ((nth * 31 + at * 17) % 40_000),
      };
    });
  });
}

function cents(price) {
  return Math.round(price * 100) / 100;
}
