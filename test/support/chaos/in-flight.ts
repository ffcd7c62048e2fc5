import type { Query } from './fleets.ts';
import type { Exchange, VendorTraffic } from './vendor-traffic.ts';

/** Which requests to the vendor were under way whenever a fault struck. */
export interface InFlight {
  /** The processes with a request that is being answered. */
  atWork(): ReadonlySet<string>;
  /** Reads which requests are committed. Does nothing while the database is away. */
  look(): Promise<void>;
  /** What a process had sent and not committed at the last look, whatever became of its connection. */
  uncommitted(name: string): readonly Exchange[];
  /** A fault strikes these processes: the requests they have sent and not committed. Returns how many. */
  struck(names: ReadonlySet<string>): number;
  /** Requests that were under way at any fault so far, or brought nothing. */
  readonly lost: number;
  /** A line of a log. */
  describe(exchange: Exchange): string;
}

export function watchInFlight({ exchanges }: VendorTraffic, query: Query): InFlight {
  const committed = new Set<string>();
  const exposed = new Set<Exchange>();
  const isCommitted = ({ requestId }: Exchange): boolean => requestId !== null && committed.has(requestId);
  return {
    atWork: () => new Set(exchanges.filter(({ state }) => state === 'open').map(({ by }) => by)),
    async look() {
      const rows = await query<{ id: string }>(
        'SELECT request_id AS id FROM requests WHERE request_id IS NOT NULL',
      ).catch(() => []);
      for (const { id } of rows) committed.add(id);
    },
    uncommitted: (name) => exchanges.filter((one) => one.by === name && !isCommitted(one)),
    struck(names) {
      const hit = exchanges.filter(
        (one) => names.has(one.by) && one.state !== 'failed' && !isCommitted(one) && !exposed.has(one),
      );
      for (const one of hit) exposed.add(one);
      return hit.length;
    },
    get lost() {
      return exchanges.filter((one) => exposed.has(one) || one.state === 'failed').length;
    },
    describe(one) {
      const fates = [isCommitted(one) && 'committed', exposed.has(one) && 'in flight at a fault'];
      const fate = fates.filter((word) => word !== false).join(', ') || 'neither committed nor struck';
      return `${one.n} at ${one.sentAt.toFixed(0)} ms by ${one.by}: ${one.path} ${one.state}, ${fate}`;
    },
  };
}
