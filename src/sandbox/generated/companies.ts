import { predefinedNames, readPredefined } from '../../universe/predefined.ts';
import type { Listing } from '../market.ts';
import { type Activity, type Company, createCompany, dateWithin, earlyListing } from './company.ts';
import { hashText, mix, toFraction } from '../hash.ts';

/** In every generated market: a class share, and two companies whose symbols differ in case only. */
const always = ['AAPL', 'BRK.B', 'BCPC', 'BCpC'] as const;

interface Known {
  readonly name: string;
  readonly sector: string | null;
  readonly activity: Activity;
}

/** Index members, from the smallest index to the largest. */
function readMembers(): Map<string, Known> {
  const members = new Map<string, Known>([
    ['BCPC', { name: 'Balchem Corp.', sector: 'Materials', activity: 'quiet' }],
    ['BCpC', { name: 'Brunswick Preferred Series C', sector: null, activity: 'quiet' }],
  ]);
  for (const name of predefinedNames.toReversed()) {
    for (const member of readPredefined(name).members) {
      const activity = name === 'sp500' ? 'usual' : 'busy';
      if (members.has(member.symbol)) continue;
      const { symbol, name: company, sector } = member;
      members.set(symbol, { name: company ?? symbol, sector, activity });
    }
  }
  return members;
}

/**
 * The companies of a generated market: those asked for (by number: index members first, then invented
 * ones), and some that were delisted or renamed.
 */
export function createCompanies(seed: number, wanted: number | readonly string[] | undefined): Company[] {
  const members = readMembers();
  const symbols = typeof wanted === 'object' ? wanted : listSymbols(members, wanted);
  const companies = [...new Set(symbols)].map((symbol) => {
    const key = hashText(symbol, seed);
    const known = members.get(symbol);
    const invented = known ?? { name: inventName(key), sector: null, activity: 'quiet' as const };
    const young = known === undefined && typeof wanted !== 'object' && toFraction(mix(key, 12)) < 0.1;
    const listedOn = young ? dateWithin({ from: 2005, to: 2025 }, mix(key, 13)) : earlyListing(key);
    const type = known === undefined && (key & 7) === 0 ? 'ETF' : 'CS';
    return createCompany(
      { ...invented, symbol, type, listedOn, delistedOn: null, ...papers(key) },
      invented.activity,
      seed,
    );
  });
  return [...companies, ...createFormer(seed, Math.max(6, Math.ceil(companies.length / 50)))];
}

function listSymbols(members: ReadonlyMap<string, Known>, count: number | undefined): string[] {
  const symbols = [...new Set([...always, ...members.keys()])];
  for (let at = 0; symbols.length < (count ?? 0); at++) symbols.push(inventSymbol('Z', at));
  return symbols.slice(0, count);
}

/** Delisted companies; every third is the earlier name of one that still trades. */
function createFormer(seed: number, count: number): Company[] {
  const companies: Company[] = [];
  for (let at = 0; at < count; at++) {
    const symbol = inventSymbol('Q', at);
    const key = hashText(symbol, seed);
    const former: Listing = {
      symbol,
      name: inventName(key),
      type: 'CS',
      sector: null,
      listedOn: earlyListing(key),
      delistedOn: dateWithin({ from: 2006, to: 2026 }, mix(key, 14)),
      ...papers(key),
    };
    if (at % 3 !== 0) {
      companies.push(createCompany(former, 'quiet', seed));
      continue;
    }
    const successor = {
      ...former,
      symbol: inventSymbol('Y', at),
      listedOn: former.delistedOn!,
      delistedOn: null,
    };
    const renamedTo = createCompany(successor, 'quiet', seed, { firstSymbol: symbol });
    companies.push(createCompany(former, 'quiet', seed, { renamedTo }), renamedTo);
  }
  return companies;
}

const papers = (key: number): Pick<Listing, 'exchange' | 'cik'> => ({
  exchange: (key & 1) === 0 ? 'XNAS' : 'XNYS',
  cik: String(1_000_000 + ((mix(key, 15) >>> 0) % 1_000_000)).padStart(10, '0'),
});

/** `prefix` and three letters; more when those are used up. */
function inventSymbol(prefix: string, number: number): string {
  let letters = '';
  for (let left = number; letters.length < 3 || left > 0; left = Math.floor(left / 26)) {
    letters = String.fromCharCode(65 + (left % 26)) + letters;
  }
  return prefix + letters;
}

const firstWords = ['Amber', 'Boreal', 'Cobalt', 'Delta', 'Eastern', 'Falcon', 'Granite', 'Harbor'] as const;
const secondWords = ['Energy', 'Foods', 'Instruments', 'Logistics', 'Materials', 'Networks'] as const;

function inventName(key: number): string {
  const first = firstWords[(mix(key, 16) >>> 0) % firstWords.length]!;
  return `${first} ${secondWords[(mix(key, 17) >>> 0) % secondWords.length]!} Inc.`;
}
