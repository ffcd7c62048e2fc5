import type { Answer } from '../answer.ts';
import { hashText, mix, toFraction } from '../hash.ts';
import { catalogue, fits } from './catalogue.ts';
import type { Fault, FaultedRequest } from './fault.ts';
import { type ActiveFault, parseFault } from './parse-fault.ts';

/** How often each fault altered an answer, by name and route. */
export type FaultCounts = Record<string, Record<string, number>>;

/** The faults that are switched on. */
export interface Faults {
  /** As written, in the order of the catalogue. */
  active(): string[];
  /** Switches on just these, their counters at zero. @throws AppError CONFIG_INVALID, and nothing changes. */
  set(texts: readonly string[]): void;
  /** The answer as the client gets to see it; the same for the same seed and order of requests. */
  spoil(answer: Answer, request: Omit<FaultedRequest, 'seed' | 'chance'>): Answer;
}

export function createFaults(seed: number, counts: FaultCounts): Faults {
  let switched: Switched[] = [];

  /** Applies one fault if it is its turn; null when it is not, or when it found nothing to spoil. */
  function applied(one: Switched, answer: Answer, request: FaultedRequest): Answer | null {
    if (one.fault.isSequel?.(request)) return one.fault.spoil(answer, request, one.argument);
    if (!one.isDue(request)) return null;
    const spoilt = one.fault.spoil(answer, request, one.argument);
    if (spoilt === null) return null;
    one.fired(request);
    const byRoute = (counts[one.fault.name] ??= {});
    byRoute[request.route] = (byRoute[request.route] ?? 0) + 1;
    return spoilt;
  }

  const ofKind = (kind: Fault['kind']): Switched[] => switched.filter(({ fault }) => fault.kind === kind);
  const firstOf = (kind: Fault['kind'], answer: Answer, request: FaultedRequest): Answer | null => {
    for (const one of ofKind(kind)) {
      const spoilt = applied(one, answer, request);
      if (spoilt !== null) return spoilt;
    }
    return null;
  };

  return {
    active: () => switched.map(({ text }) => text),
    set(texts) {
      const parsed = texts.map(parseFault);
      const order = (one: ActiveFault): number => catalogue.indexOf(one.fault);
      switched = parsed
        .toSorted((a, b) => order(a) - order(b))
        .map((one, i) => createSwitched(one, mix(seed, i + 1)));
    },
    spoil(answer, asked) {
      if (switched.length === 0) return answer;
      const request = { ...asked, seed, chance: hashText(`${asked.path}?${asked.query}`, seed) };
      let spoilt = firstOf('replace', answer, request);
      if (spoilt === null) {
        spoilt = answer;
        for (const one of ofKind('shape')) spoilt = applied(one, spoilt, request) ?? spoilt;
      }
      return firstOf('deliver', spoilt, request) ?? spoilt;
    },
  };
}

interface Switched extends ActiveFault {
  isDue(request: FaultedRequest): boolean;
  fired(request: FaultedRequest): void;
}

function createSwitched(active: ActiveFault, seed: number): Switched {
  const { fault, route, symbol, share, first, after, times } = active;
  const ofSubject = new Map<string, number>();
  let met = 0;
  let firings = 0;
  const subjectOf = (request: FaultedRequest): string => `${request.route} ${request.symbol ?? ''}`;
  return {
    ...active,
    isDue(request) {
      if (!fits(fault, request.route)) return false;
      if (route !== undefined && !fits({ routes: [route] }, request.route)) return false;
      if (symbol !== undefined && symbol !== request.symbol) return false;
      met++;
      return (
        met > after &&
        firings < times &&
        (ofSubject.get(subjectOf(request)) ?? 0) < first &&
        toFraction(mix(seed, met)) < share
      );
    },
    fired(request) {
      firings++;
      ofSubject.set(subjectOf(request), (ofSubject.get(subjectOf(request)) ?? 0) + 1);
    },
  };
}
