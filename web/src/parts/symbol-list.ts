export interface ListedMember {
  readonly symbol: string;
  readonly name: string | null;
  readonly sector: string | null;
}

export interface ListFault {
  /** From 1. */
  readonly line: number;
  readonly text: string;
  readonly why: string;
}

const SYMBOL = /^[A-Za-z0-9]+(?:[./-][A-Za-z0-9]+)*$/;
const MOST_LETTERS = 20;

/** Members of a pasted list: a symbol a line, perhaps with name and sector after commas; every bad line is told. */
export function readSymbolList(text: string): { members: ListedMember[]; faults: ListFault[] } {
  const members: ListedMember[] = [];
  const faults: ListFault[] = [];
  const firstLines = new Map<string, number>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const [symbol = '', name, ...sector] = fieldsOf(line);
    if (line.trim() === '' || (index === 0 && symbol.toLowerCase() === 'symbol')) continue;
    const at = { line: index + 1, text: line.trim().slice(0, 60) };
    const before = firstLines.get(symbol);
    if (!SYMBOL.test(symbol) || symbol.length > MOST_LETTERS)
      faults.push({ ...at, why: 'not a symbol: letters and digits, a class after a dot such as BRK.B' });
    else if (before !== undefined) faults.push({ ...at, why: `${symbol} is on line ${before} already` });
    else {
      firstLines.set(symbol, at.line);
      members.push({ symbol, name: name || null, sector: sector.join(',') || null });
    }
  }
  return { members, faults };
}

/** A line of CSV in its fields; quotes may hold commas. */
const fieldsOf = (line: string): string[] =>
  (line.match(/("([^"]|"")*"|[^,]*)(,|$)/g) ?? []).map((field) =>
    field
      .replace(/,$/, '')
      .trim()
      .replace(/^"(.*)"$/, '$1')
      .replaceAll('""', '"'),
  );
