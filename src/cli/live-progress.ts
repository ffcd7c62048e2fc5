import { styleText } from 'node:util';
import type { ImportProgress } from '../jobs/job-progress-tracker.ts';
import type { CliContext } from './context.ts';
import { countOf, grouped } from '../count-text.ts';

const REDRAW_MS = 80;
const LINE_EVERY_MS = 5000;

/** Runs an import while showing where it stands on stderr: a live display on a terminal, plain lines elsewhere. */
export async function showProgress<T>(
  cli: CliContext,
  title: string,
  work: (onProgress: (progress: ImportProgress) => void, notice: (text: string) => void) => Promise<T>,
): Promise<T> {
  const display = cli.err.isTTY === true ? await liveDisplay(cli, title) : plainLines(cli, title);
  try {
    return await work(display.show, display.notice);
  } finally {
    display.end();
  }
}

interface Display {
  show(progress: ImportProgress): void;
  /** A line that stays. */
  notice(text: string): void;
  end(): void;
}

async function liveDisplay({ err }: CliContext, title: string): Promise<Display> {
  const { createLogUpdate } = await import('log-update');
  const update = createLogUpdate(err as NodeJS.WriteStream);
  let latest: ImportProgress | undefined;
  let drawnAt = Number.NEGATIVE_INFINITY;
  const draw = (): void => {
    if (latest === undefined) return;
    drawnAt = performance.now();
    update(renderLive(title, latest, err.columns ?? 80));
  };
  // The clock runs on between events, so the display does too.
  const timer = setInterval(draw, 1000);
  return {
    show(progress) {
      latest = progress;
      if (performance.now() - drawnAt >= REDRAW_MS) draw();
    },
    notice: (text) => update.persist(text),
    end() {
      clearInterval(timer);
      draw();
      update.done();
    },
  };
}

function plainLines({ err }: CliContext, title: string): Display {
  let latest: ImportProgress | undefined;
  let written: ImportProgress | undefined;
  const write = (progress: ImportProgress): void => {
    written = progress;
    err.write(`${renderLine(progress)}\n`);
  };
  return {
    show(progress) {
      if (latest === undefined) {
        err.write(
          `${title}: ${countOf(progress.totalSymbols, 'symbol')}, ${countOf(progress.plannedRequests, 'request')} (run ${progress.runId})\n`,
        );
        written = progress;
      }
      latest = progress;
      if (written === undefined || progress.elapsedMs - written.elapsedMs >= LINE_EVERY_MS) write(progress);
    },
    notice: (text) => void err.write(`${text}\n`),
    end() {
      if (latest !== undefined && latest !== written) write(latest);
    },
  };
}

/** The live display as lines no wider than `columns`. */
export function renderLive(title: string, progress: ImportProgress, columns: number): string {
  const { completed, failed, remaining, processed, totalSymbols } = progress;
  const percent = `${progress.percentage.toFixed(2)} %`;
  const counts = `${processed}/${totalSymbols}`;
  const barWidth = Math.max(
    10,
    Math.min(40, columns - percent.length - counts.length - progress.currentSymbol.length - 8),
  );
  const filled = Math.floor((barWidth * processed) / Math.max(totalSymbols, 1));
  const bar = styleText('green', '█'.repeat(filled)) + styleText('dim', '░'.repeat(barWidth - filled));
  const failedText = failed > 0 ? styleText('red', `failed ${failed}`) : `failed ${failed}`;
  const facts = [
    `${grouped(rowsASecond(progress))} rows/s`,
    `requests ${grouped(progress.requests)}/${grouped(progress.plannedRequests)}`,
    `${clockTime(progress.remainingMs)} left`,
  ];
  return [
    styleText('bold', title.slice(0, columns - 1)),
    `${bar}  ${percent}  ${counts}  ${progress.currentSymbol}`,
    `completed ${completed} · ${failedText} · remaining ${remaining}`,
    facts.join(' · ').slice(0, columns - 1),
  ].join('\n');
}

/** One plain line that says the same. */
export function renderLine(progress: ImportProgress): string {
  const {
    processed,
    totalSymbols,
    completed,
    failed,
    remaining,
    percentage,
    currentSymbol,
    requests,
    plannedRequests,
  } = progress;
  return (
    `${percentage.toFixed(2)} %  ${processed}/${totalSymbols}  ${currentSymbol}  completed ${completed}, failed ${failed}, remaining ${remaining}, ` +
    `${grouped(rowsASecond(progress))} rows/s, requests ${requests}/${plannedRequests}, ${clockTime(progress.remainingMs)} left`
  );
}

const rowsASecond = ({ rows, elapsedMs }: ImportProgress): number =>
  elapsedMs === 0 ? 0 : Math.round((rows * 1000) / elapsedMs);

/** `MM:SS`, or `H:MM:SS` from an hour on. */
export function clockTime(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const two = (part: number): string => String(part).padStart(2, '0');
  const minutes = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return seconds < 3600 ? minutes : `${Math.floor(seconds / 3600)}:${minutes}`;
}
