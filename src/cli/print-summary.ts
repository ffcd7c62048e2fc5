import { styleText } from 'node:util';
import { type ErrorCode, recoveryOf } from '../errors.ts';
import type { ImportSummary } from '../jobs/import-summary.ts';
import type { CliContext } from './context.ts';
import { grouped } from './count-text.ts';

const MAX_FAILURES_SHOWN = 20;

/** 0 when all symbols came, 3 when some failed, 4 when too many did. */
export function exitCodeOf(summary: ImportSummary): number {
  if (summary.status !== 'completed') return 4;
  return summary.failed_symbols > 0 ? 3 : 0;
}

/** The summary on stdout: one JSON object, or words with the failed symbols and what to do. */
export function printSummary(cli: CliContext, summary: ImportSummary, json: boolean): void {
  cli.out.write(
    json ? `${JSON.stringify(summary)}\n` : `${renderSummary(summary, cli.out.isTTY === true)}\n`,
  );
}

/** The summary in words, without a line break at its end. */
export function renderSummary(summary: ImportSummary, color: boolean): string {
  const { records, failures } = summary;
  const paint = (style: 'green' | 'red', text: string): string => (color ? styleText(style, text) : text);
  const head = `Import ${summary.status}: ${summary.successful_symbols}/${summary.total_symbols} symbols in ${summary.duration_seconds} s (run ${summary.run_id})`;
  const lines = [
    paint(summary.status === 'completed' ? 'green' : 'red', head),
    `Records imported: ${grouped(summary.total_records_imported)} in the asked windows; success rate: ${summary.success_rate.toFixed(2)} %`,
    `Raw rows: ${grouped(records.new)} new, ${grouped(records.changed)} changed, ${grouped(records.unchanged)} unchanged, ${grouped(records.rejected)} rejected`,
    `Requests: ${grouped(summary.requests)}, ${(summary.bytes / 1e6).toFixed(1)} MB; sessions without a bar, unexplained: ${grouped(summary.gaps)}`,
  ];
  if (failures.length > 0) {
    lines.push('', `${failures.length} failed:`);
    for (const { symbol, error_code: code, error_message: message } of failures.slice(
      0,
      MAX_FAILURES_SHOWN,
    )) {
      lines.push(`  ${symbol}  ${code}: ${message}`);
    }
    if (failures.length > MAX_FAILURES_SHOWN)
      lines.push(`  and ${failures.length - MAX_FAILURES_SHOWN} more: tickstock status ${summary.run_id}`);
    const again = failures.some(
      (failure) => recoveryOf(failure.error_code as ErrorCode) !== 'skip_and_continue',
    );
    if (again) lines.push(`Try them again: tickstock retry ${summary.run_id}`);
  }
  return lines.join('\n');
}
