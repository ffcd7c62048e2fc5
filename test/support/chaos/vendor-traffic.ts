import type { Tap } from './tcp-proxy.ts';

/** A request as it was seen on the way to the vendor. */
export interface Exchange {
  /** From 1, in the order sent. */
  readonly n: number;
  /** The process that sent it. */
  readonly by: string;
  readonly path: string;
  /** By `performance.now()`. */
  readonly sentAt: number;
  /** `answered`: with 200, whole; `failed`: with another status, or its connection ended before that. */
  state: 'open' | 'answered' | 'failed';
  /** The vendor's id of the answer, under which the importer logs the request; null while there is none. */
  requestId: string | null;
}

/** All requests of some processes to the vendor, seen on their links. */
export interface VendorTraffic {
  readonly exchanges: readonly Exchange[];
  /** For one connection of a process. */
  tap(by: string): Tap;
}

const REQUEST_ID = /\r\nx-request-id: ([0-9a-f]+)\r\n/i;
const LENGTH = /\r\ncontent-length: (\d+)\r\n/i;
const HEAD_END = '\r\n\r\n';

/** Reads HTTP/1.1 without pipelining: GETs go up, and each answer comes before the next GET of its connection. */
export function createVendorTraffic(): VendorTraffic {
  const exchanges: Exchange[] = [];
  return {
    exchanges,
    tap(by) {
      let up = '';
      let head = '';
      /** Of the answer, once its head is known. */
      let bytesLeft: number | null = null;
      let current: Exchange | null = null;

      const begin = (path: string): void => {
        head = '';
        bytesLeft = null;
        const sentAt = performance.now();
        current = { n: exchanges.length + 1, by, path, sentAt, state: 'open', requestId: null };
        exchanges.push(current);
      };
      /** The bytes of the body in a chunk that may begin with the head. */
      const bodyBytes = (exchange: Exchange, chunk: Buffer): number => {
        if (bytesLeft !== null) return chunk.length;
        head += chunk.toString('latin1');
        const end = head.indexOf(HEAD_END);
        if (end === -1) return 0;
        exchange.requestId = REQUEST_ID.exec(head)?.[1] ?? null;
        bytesLeft = Number(LENGTH.exec(head)?.[1] ?? 0);
        return head.length - end - HEAD_END.length;
      };
      return {
        toServer(chunk) {
          up += chunk.toString('latin1');
          for (let end = up.indexOf(HEAD_END); end !== -1; end = up.indexOf(HEAD_END)) {
            begin(/^\w+ (\S+) /.exec(up)?.[1] ?? '');
            up = up.slice(end + HEAD_END.length);
          }
        },
        toClient(chunk) {
          if (current?.state !== 'open') return;
          const body = bodyBytes(current, chunk);
          if (bytesLeft === null) return;
          bytesLeft -= body;
          if (bytesLeft <= 0) current.state = head.startsWith('HTTP/1.1 200 ') ? 'answered' : 'failed';
        },
        closed() {
          if (current?.state === 'open') current.state = 'failed';
        },
      };
    },
  };
}
