/** A mark of the axis of sessions: where it is, and its name. */
export interface Tick {
  readonly session: number;
  readonly name: string;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** From a mark for each day to one for every fifth year: what of a date must change for the next mark, and what it is called. */
const STEPS: readonly { readonly key: (date: string) => string; readonly sessions: number }[] = [
  { key: (date) => date, sessions: 1 },
  { key: (date) => `${date.slice(0, 8)}${Math.floor((Number(date.slice(8)) - 1) / 8)}`, sessions: 5 },
  { key: (date) => date.slice(0, 7), sessions: 21 },
  { key: (date) => `${date.slice(0, 4)} ${Math.floor((Number(date.slice(5, 7)) - 1) / 3)}`, sessions: 63 },
  { key: (date) => date.slice(0, 4), sessions: 252 },
  { key: (date) => String(Math.floor(Number(date.slice(0, 4)) / 5)), sessions: 1260 },
];

/** Marks at least `apart` pixels from each other, of the sessions from one to another. */
export function ticksOf(
  sessions: readonly string[],
  [from, to]: readonly [number, number],
  scale: number,
  apart: number,
): Tick[] {
  const step = STEPS.find((one) => one.sessions * scale >= apart) ?? STEPS.at(-1)!;
  const ticks: Tick[] = [];
  for (let session = from; session <= to; session++) {
    const date = sessions[session]!;
    const before = session === 0 ? '' : sessions[session - 1]!;
    if (session > 0 && step.key(date) === step.key(before)) continue;
    const last = ticks.at(-1);
    if (last !== undefined && (session - last.session) * scale < apart) {
      // Of a month that has only just begun its name says more than the days before it.
      if (date.slice(0, 7) === before.slice(0, 7)) continue;
      ticks.pop();
    }
    ticks.push({ session, name: nameOf(date, before, step.sessions) });
  }
  return ticks;
}

/** What is new of a date: its year, else its month, else its day. */
function nameOf(date: string, before: string, sessions: number): string {
  const [year, month, day] = [date.slice(0, 4), MONTHS[Number(date.slice(5, 7)) - 1]!, Number(date.slice(8))];
  if (sessions >= 252 || (year !== before.slice(0, 4) && sessions > 1)) return year;
  return sessions < 21 ? `${month} ${day}` : month;
}
