import { AppError, usageError } from '../errors.ts';
import { parseSymbol } from '../market/symbol.ts';
import type { UniverseMember } from '../market/universe-member.ts';
import { predefinedNames, readPredefined } from './predefined.ts';

/** A stock as the vendor lists it. */
export interface ListedStock {
  readonly symbol: string;
  readonly name: string | null;
  /** The vendor's type code, such as `CS` or `ETF`. */
  readonly type: string | null;
  /** ISO code of the primary exchange, such as `XNYS`. */
  readonly exchange: string | null;
}

/** The vendor's listing of the stocks that trade today, page by page. */
export type VendorListing = (
  query: { readonly type?: string; readonly exchange?: string },
  signal: AbortSignal,
) => AsyncIterable<readonly ListedStock[]>;

/** Which listed stocks are wanted; an empty list wants all. */
export interface ListingFilter {
  readonly types: readonly string[];
  readonly exchanges: readonly string[];
}

export interface ReadListing {
  readonly members: readonly UniverseMember[];
  /** How many of each type, the most first. */
  readonly types: Readonly<Record<string, number>>;
  /** Listed under names that no symbol of ours can have, with the reason. */
  readonly refused: readonly { readonly symbol: string; readonly problem: string }[];
}

/**
 * Reads the whole listing that a filter wants. `onPage` hears how many stocks were read so far.
 * @throws AppError as the vendor's port; CONFIG_INVALID when nothing is listed for the filter.
 */
export async function readListing(
  listing: VendorListing,
  { types, exchanges }: ListingFilter,
  onPage: (read: number) => void,
  signal: AbortSignal,
): Promise<ReadListing> {
  const members = new Map<string, UniverseMember>();
  const sectors = shippedSectors();
  const counts = new Map<string, number>();
  const refused: { symbol: string; problem: string }[] = [];
  // One word the vendor filters itself, which takes fewer pages.
  const query = {
    ...(types.length === 1 && { type: types[0]! }),
    ...(exchanges.length === 1 && { exchange: exchanges[0]! }),
  };
  let read = 0;
  for await (const page of listing(query, signal)) {
    read += page.length;
    onPage(read);
    for (const stock of page) {
      const wanted = isAmong(types, stock.type) && isAmong(exchanges, stock.exchange);
      const problem = wanted ? problemOf(stock.symbol) : null;
      if (problem !== null) refused.push({ symbol: stock.symbol, problem });
      // A page may repeat what an earlier one had.
      if (!wanted || problem !== null || members.has(stock.symbol)) continue;
      members.set(stock.symbol, {
        symbol: stock.symbol,
        name: stock.name,
        sector: sectors.get(stock.symbol) ?? null,
      });
      counts.set(stock.type ?? 'no type', (counts.get(stock.type ?? 'no type') ?? 0) + 1);
    }
  }
  if (members.size === 0) {
    throw usageError(
      `Massive lists no stock${wording('type', types)}${wording('exchange', exchanges)}, among ${read} it sent. ` +
        'Types are codes such as CS, ADRC or ETF, exchanges such as XNYS or XNAS.',
    );
  }
  const byCount = [...counts].toSorted(([, a], [, b]) => b - a);
  return { members: [...members.values()], types: Object.fromEntries(byCount), refused };
}

/** The listing says no sector; the lists that come with the program do, of the same symbols. */
const shippedSectors = (): Map<string, string | null> =>
  new Map(
    predefinedNames.flatMap((name) =>
      readPredefined(name).members.map(({ symbol, sector }) => [symbol, sector] as const),
    ),
  );

const isAmong = (wanted: readonly string[], code: string | null): boolean =>
  wanted.length === 0 || (code !== null && wanted.includes(code));

const wording = (what: string, codes: readonly string[]): string =>
  codes.length === 0 ? '' : ` of ${what} ${codes.join(' or ')}`;

/** Why a listed name is no symbol of ours, or null. The vendor's own spelling is kept as it is. */
function problemOf(symbol: string): string | null {
  try {
    return parseSymbol(symbol) === symbol
      ? null
      : `expected the vendor's own spelling, ${parseSymbol(symbol)}`;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return error.message.replace(/^Cannot use .* as a symbol: /, '').replace(/\.$/, '');
  }
}

/** A listing of less than this share of the last one is an outage, not a market that shrank. */
const LEAST_SHARE = 0.8;

/** @throws AppError VENDOR_RESPONSE_INVALID when a listing is too short to replace the last one. */
export function requireBelievable(name: string, count: number, before: number): void {
  if (count >= before * LEAST_SHARE) return;
  throw new AppError(
    'VENDOR_RESPONSE_INVALID',
    `Massive listed ${count} stocks where ${name} has ${before}: too few to be believed, so nothing was changed. ` +
      'Try again later; to start anew, use another name.',
  );
}
