import type pg from 'pg';
import type { z } from 'zod';
import { gapReasons, reasonWords, ruleSentences } from '../absence-words.ts';
import { howToSet } from '../config.ts';
import { countOf } from '../count-text.ts';
import { type recoveryActions, recoveryOf, wordsOf } from '../errors.ts';
import { toInstant } from '../events/announcement.ts';
import { heldNotice } from '../jobs/judge-splits.ts';
import { type GapsToAsk, listGapsToAsk } from '../storage/gaps.ts';
import { type SplitToJudge, listHeldSplits } from '../storage/split-verdicts.ts';
import {
  type RunWithFailures,
  type StoppedRun,
  listRunsWithFailures,
  listStoppedRuns,
} from '../storage/troubled-runs.ts';
import type { attentionItem } from './contract-attention.ts';
import { type ShortCache, createShortCache } from './short-cache.ts';

export type AttentionItem = z.infer<typeof attentionItem>;

/** Absences of years are counted for it; a run's start and end are seen at once. */
const FRESHNESS = { freshMs: 5000, usableMs: 60_000 };

const MOST_NAMED = 8;
const MOST_ASKED = 100;
const MOST_SPLITS = 100;

/** What the database knows that needs a person, the most urgent first, for many who ask. */
export const createAttention = (pool: pg.Pool): ShortCache<readonly AttentionItem[]> =>
  createShortCache(
    FRESHNESS,
    () => performance.now(),
    async () => {
      const [stopped, failures, gaps, splits] = await Promise.all([
        listStoppedRuns(pool),
        listRunsWithFailures(pool, MOST_NAMED),
        listGapsToAsk(pool, gapReasons, MOST_ASKED),
        listHeldSplits(pool, MOST_SPLITS),
      ]);
      return [
        ...stopped.map(ofStopped),
        ...failures.map(ofFailures),
        ...gapReasons.flatMap((reason) => gaps.filter((one) => one.reason === reason)).map(ofGaps),
        ...splits.map(ofSplit),
      ];
    },
  );

const ADVICE: Readonly<Record<(typeof recoveryActions)[number], string>> = {
  automatic_retry: 'Retry them: what was in the way may have passed.',
  manual_configuration: 'The run says what to set. Set it, then retry them.',
  skip_and_continue: 'Correct their spelling or the list they come from; retry what the vendor knows by now.',
  retry_or_manual: 'Retry them. If they fail again, the run has the reason of each.',
};

const whatOf = ({ universes, timeframes }: Pick<StoppedRun, 'universes' | 'timeframes'>): string =>
  `${universes.join(', ') || 'Chosen symbols'} · ${timeframes.join(', ')}`;

function ofStopped(run: StoppedRun): AttentionItem {
  const isKey = run.errorCode === 'API_KEY_INVALID';
  const waits = run.status === 'parked' || run.status === 'paused';
  const title = isKey
    ? 'Massive refuses the key'
    : waits
      ? `An import is ${run.status}`
      : 'The last import was stopped';
  const goOn = run.untried > 0 ? 'resume' : 'retry';
  return {
    kind: isKey ? 'key' : waits ? 'run_waits' : 'run_stopped',
    id: run.runId,
    title,
    detail: `${whatOf(run)}, ${countOf(run.untried, 'symbol')} to go. ${run.errorMessage ?? ''}`.trimEnd(),
    advice: isKey
      ? `${howToSet('polygon.api_key')} Start the service with it, then go on.`
      : waits
        ? 'Go on when what stopped it is over, or cancel it on its page.'
        : 'Mend what the message says, then go on.',
    at: toInstant(run.createdAt),
    run_id: run.runId,
    symbols: run.untried + run.failed,
    action:
      run.untried + run.failed === 0
        ? null
        : { kind: goOn, label: goOn === 'resume' ? 'Go on' : 'Retry', run_id: run.runId },
  };
}

function ofFailures(run: RunWithFailures): AttentionItem {
  const { failures, runId } = run;
  const symbols = failures.reduce((sum, one) => sum + one.symbols, 0);
  const named = failures
    .flatMap((one) => one.named)
    .toSorted()
    .slice(0, MOST_NAMED);
  const others = symbols - named.length;
  const why = failures
    .map((one) => (one.symbols === symbols ? wordsOf(one.code) : `${wordsOf(one.code)} (${one.symbols})`))
    .join(', ');
  return {
    kind: 'symbols_failed',
    id: runId,
    title: `${countOf(symbols, 'symbol')} failed to import`,
    detail: `${whatOf(run)}: ${named.join(', ')}${others > 0 ? ` and ${others} more` : ''}. Why: ${why}.`,
    advice: adviceOf(failures),
    at: toInstant(run.createdAt),
    run_id: runId,
    symbols,
    action: { kind: 'retry', label: `Retry ${countOf(symbols, 'symbol')}`, run_id: runId },
  };
}

function adviceOf(failures: RunWithFailures['failures']): string {
  const [first, ...others] = new Set(failures.map(({ code }) => recoveryOf(code)));
  return first === undefined || others.length > 0
    ? 'The run says what to do about each; then retry them.'
    : ADVICE[first];
}

function ofGaps(gaps: GapsToAsk): AttentionItem {
  const { reason, named, symbols } = gaps;
  const some = symbols > named.length ? ` of the ${named.length} symbols that lack the newest` : '';
  return {
    kind: 'gaps',
    id: reason,
    title: `${countOf(gaps.sessions, 'session')} of ${countOf(symbols, 'symbol')} missing: ${reasonWords[reason]}`,
    detail: `${ruleSentences[reason]} ${named.slice(0, MOST_NAMED).join(', ')}${symbols > MOST_NAMED ? ' and others' : ''}, ${gaps.from} to ${gaps.to}.`,
    advice: `Ask for the sessions${some} again; what the vendor lacks for good stays listed here.`,
    at: null,
    run_id: null,
    symbols,
    action: {
      kind: 'import',
      label: 'Import what is missing',
      trigger: {
        symbols: named,
        timeframes: [
          ...(gaps.hourly ? (['hourly'] as const) : []),
          ...(gaps.daily ? (['daily'] as const) : []),
        ],
        from: gaps.from,
        to: gaps.to,
        refresh: true,
      },
    },
  };
}

function ofSplit(split: SplitToJudge): AttentionItem {
  const { symbol, executionDate, before, after } = split;
  return {
    kind: 'split_held',
    id: `${symbol} ${executionDate}`,
    title: `A split of ${symbol} is held back`,
    detail: heldNotice(split),
    advice:
      'Ask for the days around it again: once the prices agree it is applied by itself. If they are right, the vendor lists a split that did not happen.',
    at: null,
    run_id: null,
    symbols: 1,
    action: {
      kind: 'import',
      label: 'Ask again',
      trigger: {
        symbols: [symbol],
        timeframes: ['daily'],
        from: before?.session ?? executionDate,
        to: after?.session ?? executionDate,
        refresh: true,
      },
    },
  };
}
