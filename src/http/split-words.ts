import type { SplitFacts } from '../storage/symbol-facts.ts';

/** What became of a split and why, in a sentence. */
export function splitWords({ from, to, verdict, observed, withdrawnOn }: SplitFacts): string {
  if (withdrawnOn !== null) return `Withdrawn: since ${withdrawnOn} the vendor lists it no longer.`;
  const moved = `the last close before it was ${ratio(observed ?? 1)} times the open after it`;
  switch (verdict) {
    case 'announced':
      return 'Announced: bars are adjusted for it from its day on.';
    case 'pending':
      return 'Applied; no bars near it on both sides tell yet whether it took place.';
    case 'unverifiable':
      return 'Applied; too small to be seen in the prices.';
    case 'confirmed':
      return `Applied; the prices show it: ${moved}.`;
    case 'held':
      return `Held back, so that bars are not adjusted for it: ${moved}, not about ${ratio(to / from)}. Compare it with the company’s own notice.`;
  }
}

const ratio = (value: number): string => String(Number(value.toPrecision(3)));
