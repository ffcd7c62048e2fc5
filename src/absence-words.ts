import type { BaseTimeframe } from './market/bar.ts';
import { type AbsenceReason, absenceReasons } from './storage/absence-reasons.ts';
import type { Evidence } from './storage/gaps.ts';
import { grouped } from './count-text.ts';

/** What a person should look at; every other reason is in order. */
export const gapReasons: readonly AbsenceReason[] = ['unexplained', 'vendor_gap', 'vendor_outage'];

/** A reason in a few words. */
export const reasonWords: Readonly<Record<AbsenceReason, string>> = {
  rejected: 'its bars broke a rule',
  not_listed: 'not listed yet',
  delisted: 'delisted',
  clipped: "older than the plan's history",
  vendor_gap: 'the vendor lacks it',
  vendor_outage: 'outage of the vendor',
  no_trade: 'no trade',
  unexplained: 'unexplained',
};

/** The rule that gave the reason, in one sentence. */
export const ruleSentences: Readonly<Record<AbsenceReason, string>> = {
  rejected: 'The vendor sent bars, and every one broke a row rule, so they are in quarantine.',
  not_listed: 'The session lies before the day on which the vendor says the symbol was listed.',
  delisted: 'The session lies on or after the day from which the vendor says the symbol no longer traded.',
  clipped: "The vendor refused the session as older than the history of the key's plan.",
  vendor_gap: 'The vendor has bars of the other timeframe for the session, so it should have these too.',
  vendor_outage: 'The bars of all stocks of the session have too few stocks beside the days around it.',
  no_trade: 'The bars of all stocks of the session are whole and the symbol is not among them.',
  unexplained: 'The vendor answered without a bar, and nothing that is known says why.',
};

/** What speaks for the reason, in plain words. */
export function evidenceWords(evidence: Evidence): string {
  switch (evidence.reason) {
    case 'rejected':
      return evidence.brokenRule ?? 'the rejected bars are no longer kept';
    case 'not_listed':
      return `listed ${evidence.listedOn}`;
    case 'delisted':
      return `delisted ${evidence.delistedOn}`;
    case 'clipped':
      return `refused up to ${evidence.refusedThrough}`;
    case 'vendor_gap':
      return `${otherOf(evidence.timeframe)} bars are stored`;
    case 'vendor_outage':
      return evidence.fewestStocks === null
        ? 'too few stocks'
        : `only ${grouped(evidence.fewestStocks)} stocks`;
    case 'no_trade':
      return `${stocks(evidence)} others traded`;
    case 'unexplained':
      return evidence.groupedLeast === null
        ? 'the bars of all stocks were not asked'
        : `${stocks(evidence)} others traded`;
  }
}

export const otherOf = (timeframe: BaseTimeframe): BaseTimeframe =>
  timeframe === 'daily' ? 'hourly' : 'daily';

function stocks({ groupedLeast, groupedMost }: Evidence): string {
  if (groupedLeast === null || groupedMost === null) return 'all';
  return groupedLeast === groupedMost
    ? grouped(groupedLeast)
    : `${grouped(groupedLeast)} to ${grouped(groupedMost)}`;
}

/** Reasons in the order in which a person should hear of them. */
export const reasonOrder: readonly AbsenceReason[] = [
  ...gapReasons,
  ...absenceReasons.filter((reason) => !gapReasons.includes(reason)),
];
