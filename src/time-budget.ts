/** How long the vendor may take over several requests together, waits for their turn aside. */
export interface TimeBudget {
  readonly totalMs: number;
  spend(ms: number): void;
  leftMs(): number;
}

export function createTimeBudget(totalMs: number): TimeBudget {
  let left = totalMs;
  return {
    totalMs,
    spend(ms) {
      left -= ms;
    },
    leftMs: () => left,
  };
}
