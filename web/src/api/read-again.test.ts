import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { createReadAgain, readAnew } from './read-again.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A query that is shown: who reads waits until it is answered. */
function showQuery(client: QueryClient, kind: string) {
  const waiting: ((answer: string) => void)[] = [];
  const queryFn = (): Promise<string> => new Promise((resolve) => void waiting.push(resolve));
  const observer = new QueryObserver(client, { queryKey: [kind, 'one'], queryFn, staleTime: 60_000 });
  onTestFinished(observer.subscribe(() => {}));
  return {
    get readings() {
      return waiting.length;
    },
    get shown() {
      return observer.getCurrentResult().data;
    },
    async answer(text: string) {
      waiting.at(-1)!(text);
      await vi.advanceTimersByTimeAsync(0);
    },
  };
}

it('reads what changed while it was read for the first time once more', async () => {
  const client = new QueryClient();
  const run = showQuery(client, 'run');
  readAnew(client);
  await run.answer('in progress');
  expect([run.shown, run.readings]).toEqual(['in progress', 2]);
  await run.answer('completed');
  expect([run.shown, run.readings]).toEqual(['completed', 2]);
});

it('waits for a slow answer while changes go on, and reads once more', async () => {
  const client = new QueryClient();
  const [run, runs] = [showQuery(client, 'run'), showQuery(client, 'runs')];
  await Promise.all([run.answer('1 of 9'), runs.answer('one')]);
  const readAgain = createReadAgain(client);
  for (let changes = 0; changes < 30; changes++) {
    readAgain(['run']);
    await vi.advanceTimersByTimeAsync(100);
  }
  expect([run.readings, runs.readings]).toEqual([2, 1]);
  await run.answer('5 of 9');
  expect([run.shown, run.readings]).toEqual(['5 of 9', 3]);
  await run.answer('9 of 9');
  await vi.advanceTimersByTimeAsync(10_000);
  expect([run.shown, run.readings, runs.readings]).toEqual(['9 of 9', 3, 1]);
});
