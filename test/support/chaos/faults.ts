/** Where a fault strikes. */
export type Place = 'process' | 'database' | 'redis' | 'link' | 'vendor';

/** The links of a process. */
export type Link = 'database' | 'redis' | 'vendor';

/** A fault with all its arguments; times in ms. */
export type Strike =
  /** SIGKILL; the process is started again after `backAfterMs`. */
  | { readonly kind: 'kill'; readonly backAfterMs: number }
  /** SIGSTOP, and SIGCONT after longer than others wait for a sign of life: it wakes up as a zombie. */
  | { readonly kind: 'freeze'; readonly beyondMs: number }
  /** The clock of one process jumps. */
  | { readonly kind: 'clock-jump'; readonly byMs: number }
  /** PostgreSQL is told to end and is started again: `fast` lets it write everything down, `immediate` does not. */
  | { readonly kind: 'database-restart'; readonly mode: 'fast' | 'immediate'; readonly backAfterMs: number }
  /** SIGKILL of the postmaster. */
  | { readonly kind: 'database-kill'; readonly backAfterMs: number }
  /** SIGKILL of one backend, upon which the postmaster ends all the others and recovers. */
  | { readonly kind: 'backend-kill' }
  /** The disk below PostgreSQL has no byte left for a while. */
  | { readonly kind: 'disk-full'; readonly forMs: number }
  | { readonly kind: 'redis-restart'; readonly backAfterMs: number }
  | { readonly kind: 'redis-kill'; readonly backAfterMs: number }
  | { readonly kind: 'redis-flush' }
  /** Every connection of a link is reset. */
  | { readonly kind: 'cut'; readonly link: Link }
  /** A connection is reset when it has sent so many bytes of a COPY. */
  | { readonly kind: 'cut-copy'; readonly bytes: number }
  /** A connection is reset when a COMMIT has passed, before its answer: nobody knows what became of it. */
  | { readonly kind: 'cut-commit' }
  | { readonly kind: 'slow'; readonly link: Link; readonly delayMs: number; readonly forMs: number }
  | { readonly kind: 'narrow'; readonly link: Link; readonly bytesPerSecond: number; readonly forMs: number }
  /** Nothing passes and nobody is told. Afterwards what was held back goes on, or the connections are reset. */
  | {
      readonly kind: 'partition';
      readonly link: Link;
      readonly forMs: number;
      readonly endsBy: 'heal' | 'cut';
    }
  /** The vendor spoils its next answers: a fault of the sandbox. */
  | { readonly kind: 'vendor'; readonly fault: string };

/** A strike and when it comes. */
export interface Fault {
  /** From 1, in the order they strike. */
  readonly n: number;
  /** Strikes once so much of the undisturbed import's requests has been sent, in [0, 1). */
  readonly at: number;
  /** Chooses among the processes that have work in hand, in [0, 1). */
  readonly aim: number;
  readonly strike: Strike;
}

export function placeOf({ kind }: Strike): Place {
  switch (kind) {
    case 'kill':
    case 'freeze':
    case 'clock-jump':
      return 'process';
    case 'database-restart':
    case 'database-kill':
    case 'backend-kill':
    case 'disk-full':
      return 'database';
    case 'redis-restart':
    case 'redis-kill':
    case 'redis-flush':
      return 'redis';
    case 'cut':
    case 'cut-copy':
    case 'cut-commit':
    case 'slow':
    case 'narrow':
    case 'partition':
      return 'link';
    case 'vendor':
      return 'vendor';
  }
}

/** As tables name it: the kind and what chance has chosen. */
export function describeStrike(strike: Strike): string {
  const { kind, ...rest } = strike;
  const details = Object.entries(rest).map(([name, value]) => {
    const unit = /Ms$/.exec(name) === null ? '' : ' ms';
    return typeof value === 'number' ? `${name.replace(/Ms$/, '')} ${value}${unit}` : String(value);
  });
  return details.length === 0 ? kind : `${kind} (${details.join(', ')})`;
}
