import { styleText } from 'node:util';
import { type ErrorCode, exitCodeOf as exitCodeOfError, recoveryOf } from '../errors.ts';
import type { ImportSummary } from '../jobs/import-summary.ts';
import type { CliContext } from './context.ts';
import { countOf, grouped } from '../count-text.ts';

const MAX_FAILURES_SHOWN = 20;

/** 0 when all symbols came, 3 when some failed, 4 when too many did; of a run that can go on later what stopped it says. */
export function exitCodeOf(summary: ImportSummary): number {
  if (summary.stopped_by !== null && canGoOn(summary)) return exitCodeOfError(summary.stopped_by.error_code);
  if (summary.status !== 'completed') return 4;
  return summary.failed_symbols > 0 ? 3 : 0;
}

const canGoOn = ({ status }: ImportSummary): boolean =>
  status === 'parked' || status === 'paused' || status === 'cancelled';

/** The summary on stdout: one JSON object, or words with the failed symbols and what to do. What stopped it early goes to stderr. */
export function printSummary(cli: CliContext, summary: ImportSummary, json: boolean): void {
  cli.out.write(
    json ? `${JSON.stringify(summary)}\n` : `${renderSummary(summary, cli.out.isTTY === true)}\n`,
  );
  if (summary.stopped_by !== null) cli.err.write(`tickstock: ${summary.stopped_by.error_message}\n`);
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
    ...troubleLines(summary),
    ...leftLines(summary),
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
    if (again && !canGoOn(summary)) lines.push(`Try them again: tickstock retry ${summary.run_id}`);
  }
  return lines.join('\n');
}

/** What the vendor's failures cost; nothing when there were none. */
function troubleLines({ trouble }: ImportSummary): string[] {
  const lines: string[] = [];
  if (trouble.evidence_requests > 0)
    lines.push(`Requests beside those, to settle doubts: ${grouped(trouble.evidence_requests)}`);
  const causes = Object.entries(trouble.failed_tries).map(([cause, count]) => `${grouped(count)} ${cause}`);
  if (causes.length > 0) {
    lines.push(
      `Tries that failed: ${causes.join(', ')}; lost ${trouble.throttled_seconds} s to throttling, ${trouble.retry_seconds} s over all requests to other failures`,
    );
  }
  return lines;
}

/** What is left to do, how long that takes, and how to go on. */
function leftLines(summary: ImportSummary): string[] {
  const { left, run_id: runId } = summary;
  const lines: string[] = [];
  if (left !== null) {
    lines.push(
      `Left: ${countOf(left.symbols, 'symbol')}, at least ${countOf(left.requests, 'request')}: ${duration(left.seconds)} at the pacing`,
    );
  }
  if (canGoOn(summary)) lines.push(`Go on with it: tickstock import --resume ${runId}`);
  return lines;
}

/** `3 s`, `12 min`, `5.2 h`, `3.4 days`. */
export function duration(seconds: number): string {
  if (seconds < 120) return `${Math.ceil(seconds)} s`;
  if (seconds < 7200) return `${Math.ceil(seconds / 60)} min`;
  const hours = seconds / 3600;
  return hours < 48 ? `${Math.ceil(hours * 10) / 10} h` : `${Math.ceil((hours / 24) * 10) / 10} days`;
}
