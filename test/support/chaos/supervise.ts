import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** How a program ended. */
export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** True when this side has ended it. */
  readonly wanted: boolean;
  /** True when it had written nothing to its standard output. */
  readonly isEarly: boolean;
}

/** A program that is started again when it ends, as systemd would. */
export interface Supervised {
  readonly name: string;
  /** Undefined while it does not run. */
  readonly pid: number | undefined;
  /** How it ended, each time. */
  readonly ends: readonly End[];
  /** What it wrote lately, over all its lives. */
  readonly lines: readonly string[];
  /** Ends it; it is started again after `backAfterMs`. Resolves once it has ended; false when it did not run. */
  kill(signal: NodeJS.Signals, backAfterMs: number): Promise<boolean>;
  /** Sends what ends nothing. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** Ends it for good. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface Supervision {
  readonly name: string;
  /** Its output is read line by line. */
  start(): ChildProcess;
  /** What becomes of a program that ended by itself: ms until it is started again, or null for never. Default: a second. */
  backAfter?(end: End): number | null;
  onLine?(line: string): void;
}

const MOST_LINES = 400;
const USUAL_BACK_MS = 1000;
const STOP_PATIENCE_MS = 15_000;

export function supervise({ name, start, backAfter, onLine }: Supervision): Supervised {
  const ends: End[] = [];
  const lines: string[] = [];
  let isStopping = false;
  let wantedBackMs: number | null = null;
  let child: ChildProcess | undefined;
  let over: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  const hear = (line: string): void => {
    lines.push(line);
    if (lines.length > MOST_LINES) lines.shift();
    onLine?.(line);
  };

  const run = (): void => {
    const running = start();
    child = running;
    let isEarly = true;
    running.stdout?.once('data', () => (isEarly = false));
    for (const stream of [running.stdout, running.stderr]) {
      if (stream !== null) createInterface(stream).on('line', hear);
    }
    over = new Promise((resolve) => {
      const ended = (code: number | null, signal: NodeJS.Signals | null): void => {
        child = undefined;
        const end = { code, signal, wanted: wantedBackMs !== null || isStopping, isEarly };
        ends.push(end);
        const againMs = wantedBackMs ?? (backAfter === undefined ? USUAL_BACK_MS : backAfter(end));
        wantedBackMs = null;
        if (!isStopping && againMs !== null) timer = setTimeout(run, againMs);
        resolve();
      };
      running.once('error', (error) => {
        hear(`could not be started: ${error.message}`);
        ended(null, null);
      });
      running.once('exit', ended);
    });
  };
  run();

  return {
    name,
    get pid() {
      return child?.pid;
    },
    ends,
    lines,
    async kill(signal, backAfterMs) {
      if (child === undefined) return false;
      wantedBackMs = backAfterMs;
      child.kill(signal);
      await over;
      return true;
    },
    signal(signal) {
      child?.kill(signal);
    },
    async stop(signal = 'SIGTERM') {
      isStopping = true;
      clearTimeout(timer);
      // A frozen one hears nothing else.
      child?.kill('SIGCONT');
      child?.kill(signal);
      const patience = setTimeout(() => child?.kill('SIGKILL'), STOP_PATIENCE_MS);
      await over;
      clearTimeout(patience);
    },
  };
}
