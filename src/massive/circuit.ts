import { VendorOutage } from '../errors.ts';
import type { Cause } from './cause.ts';

/** Tells a vendor that fails altogether from one that fails now and then. */
export interface Circuit {
  /** @throws VendorOutage while the vendor counts as down. */
  check(): void;
  /** The vendor answered with something of use. */
  usable(): void;
  /** A try brought nothing; `symbol` is whom it was for, `detail` what came. @throws VendorOutage when that was one too many. */
  unusable(cause: Cause, symbol: string | undefined, detail: string): void;
}

/** How long nothing is asked of a vendor that is down; then one answer decides. */
const REST_MS = 60_000;

/**
 * Opens after `requests` tries in a row, over several symbols, without anything usable. A single symbol never
 * opens it: its own tries end that.
 */
export function createCircuit(config: { readonly requests: number }, now: () => number): Circuit {
  let inARow = 0;
  let symbols = new Set<string>();
  let counts = new Map<Cause, number>();
  let open: { readonly outage: VendorOutage; readonly until: number } | null = null;

  return {
    check() {
      if (open !== null && now() < open.until) throw open.outage;
    },
    usable() {
      inARow = 0;
      symbols = new Set();
      counts = new Map();
      open = null;
    },
    unusable(cause, symbol, detail) {
      inARow++;
      counts.set(cause, (counts.get(cause) ?? 0) + 1);
      if (symbol !== undefined) symbols.add(symbol);
      if (inARow < config.requests || symbols.size < 2) return;
      const what = [...counts].map(([name, count]) => `${count} × ${name}`).join(', ');
      const outage = new VendorOutage(
        `Massive gave nothing usable in ${inARow} requests in a row, over ${symbols.size} symbols (${what}); the last: ${detail.replace(/\.+$/, '')}. ` +
          'The import stopped to save its requests; what came is stored. Go on when the vendor has recovered.',
      );
      open = { outage, until: now() + REST_MS };
      throw outage;
    },
  };
}
