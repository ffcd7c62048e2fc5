/** Rows as lines with their columns aligned under a header; columns of numbers only are set to the right. */
export function alignTable(
  header: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): string {
  const cells = [header, ...rows.map((row) => row.map((cell) => String(cell ?? '')))];
  const columns = header.map((_, column) => ({
    width: Math.max(...cells.map((row) => (row[column] ?? '').length)),
    numeric: rows.length > 0 && rows.every((row) => typeof row[column] === 'number'),
  }));
  const toLine = (row: readonly string[]): string =>
    columns
      .map(({ width, numeric }, column) => {
        const cell = row[column] ?? '';
        return numeric ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return cells.map((row) => `${toLine(row)}\n`).join('');
}
