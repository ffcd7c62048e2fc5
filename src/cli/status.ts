import { Command } from 'commander';
import { usageError } from '../errors.ts';
import { type FailedSymbol, type Run, findRun, listFailedSymbols } from '../storage/read-runs.ts';
import type { CliContext } from './context.ts';
import { type WorkerSign, listWorkers } from '../storage/workers.ts';
import { countOf, grouped } from '../count-text.ts';
import { alignTable } from './table.ts';

/** `tickstock status`: where a run stands. */
export function statusCommand(cli: CliContext): Command {
  return new Command('status')
    .description('show where a run stands')
    .argument('[run]', 'its id (default: the newest)')
    .option('--json', 'print one JSON object')
    .action(async (runId: string | undefined, options: { json?: true }) => {
      const { run, failures, workers } = await cli.withApp(cli.settings(), (app) =>
        app.database.transaction('read the run', async (client) => {
          const found = await findRun(client, runId);
          if (found === null) {
            throw usageError(
              runId === undefined
                ? 'There is no run yet. Start one: tickstock import'
                : `There is no run ${runId}. See the newest with: tickstock status`,
            );
          }
          return {
            run: found,
            failures: await listFailedSymbols(client, found.runId),
            workers: await listWorkers(client),
          };
        }),
      );
      cli.out.write(
        options.json ? `${JSON.stringify(toJson(run, failures, workers))}\n` : render(run, failures, workers),
      );
    });
}

function toJson(run: Run, failures: readonly FailedSymbol[], workers: readonly WorkerSign[]): object {
  return {
    run_id: run.runId,
    status: run.status,
    attempt: run.attempt,
    universes: run.request.universes,
    timeframes: run.request.timeframes,
    total_symbols: run.totalSymbols,
    completed: run.completed,
    failed: run.failed,
    percentage: run.percentage,
    current_symbol: run.currentSymbol,
    estimated_completion: run.estimatedCompletion,
    records_imported: run.records.imported,
    created_at: run.createdAt,
    completed_at: run.completedAt,
    error_code: run.errorCode,
    error_message: run.errorMessage,
    failures: failures.map((failure) => ({
      symbol: failure.symbol,
      error_code: failure.errorCode,
      error_message: failure.errorMessage,
      retry_count: failure.retryCount,
    })),
    workers: workers.map(({ host, pid, version, slots }) => ({ host, pid, version, slots })),
  };
}

function render(run: Run, failures: readonly FailedSymbol[], workers: readonly WorkerSign[]): string {
  const facts: [string, string][] = [
    ['run', `${run.runId}${run.attempt > 1 ? `, attempt ${run.attempt}` : ''}`],
    ['status', run.errorMessage === null ? run.status : `${run.status}: ${run.errorMessage}`],
    ['asked for', `${run.request.universes.join(', ') || 'symbols'} · ${run.request.timeframes.join(', ')}`],
    [
      'progress',
      `${run.percentage.toFixed(2)} %, ${run.completed} completed, ${run.failed} failed of ${run.totalSymbols}, last ${run.currentSymbol}`,
    ],
    ['records', `${grouped(run.records.imported)} imported`],
    ['started', run.createdAt.toISOString()],
    run.completedAt === null
      ? ['expected', run.estimatedCompletion?.toISOString() ?? 'unknown']
      : ['ended', run.completedAt.toISOString()],
  ];
  const slots = workers.reduce((sum, worker) => sum + worker.slots, 0);
  if (workers.length > 0)
    facts.push(['fleet', `${countOf(workers.length, 'worker')} with ${countOf(slots, 'slot')}`]);
  const width = Math.max(...facts.map(([name]) => name.length));
  const head = facts.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('');
  if (failures.length === 0) return head;
  const rows = failures.map((failure) => [
    failure.symbol,
    failure.errorCode,
    failure.retryCount,
    failure.errorMessage,
  ]);
  return `${head}\n${alignTable(['failed', 'code', 'retries', 'why'], rows)}`;
}
