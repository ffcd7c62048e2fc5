import type { Coverage } from '../api/types.ts';

export type State = Coverage['states'][number];

/** What a state comes to, in the order of how much it needs a person. */
export type Group = 'outside' | 'complete' | 'explained' | 'provisional' | 'gap';

interface Meaning {
  readonly group: Group;
  readonly name: string;
  readonly sentence: string;
}

const MEANINGS: Readonly<Record<State, Meaning>> = {
  not_asked: {
    group: 'outside',
    name: 'not asked for',
    sentence: 'No import has asked for this session or one before it.',
  },
  not_due: { group: 'outside', name: 'not due', sentence: 'The session is not over yet.' },
  renamed: {
    group: 'outside',
    name: 'under another name',
    sentence: 'The stock traded under another symbol then.',
  },
  not_listed: {
    group: 'outside',
    name: 'not listed yet',
    sentence: 'The session lies before the day on which the vendor says the symbol was listed.',
  },
  delisted: {
    group: 'outside',
    name: 'delisted',
    sentence: 'The session lies on or after the day from which the vendor says the symbol no longer traded.',
  },
  complete: { group: 'complete', name: 'complete', sentence: 'Its bars are stored and final.' },
  clipped: {
    group: 'explained',
    name: 'older than the plan’s history',
    sentence: 'The vendor refused the session as older than the history of the key’s plan.',
  },
  no_trade: {
    group: 'explained',
    name: 'no trade',
    sentence: 'The bars of all stocks of the session are whole and the symbol is not among them.',
  },
  rejected: {
    group: 'explained',
    name: 'rejected',
    sentence: 'The vendor sent bars, and every one broke a row rule, so they are in quarantine.',
  },
  provisional: {
    group: 'provisional',
    name: 'not final',
    sentence: 'Its bars are stored, and asked for once more when the next session has closed.',
  },
  vendor_outage: {
    group: 'gap',
    name: 'outage of the vendor',
    sentence: 'The bars of all stocks of the session have too few stocks beside the days around it.',
  },
  vendor_gap: {
    group: 'gap',
    name: 'the vendor lacks it',
    sentence: 'The vendor has bars of the other timeframe for the session, so it should have these too.',
  },
  unexplained: {
    group: 'gap',
    name: 'unexplained',
    sentence: 'The vendor answered without a bar, and nothing that is known says why.',
  },
  owed: {
    group: 'gap',
    name: 'not imported',
    sentence: 'Sessions before it were imported, and this one was not asked for. Import it.',
  },
};

export const meaningOf = (state: State): Meaning => MEANINGS[state];

export const isGap = (state: State): boolean => MEANINGS[state].group === 'gap';
