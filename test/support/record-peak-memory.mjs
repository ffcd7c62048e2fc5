// Loaded into a program by NODE_OPTIONS: leaves its peak resident memory, in kB, in a file as it ends.
import { appendFileSync, readFileSync } from 'node:fs';

process.on('exit', () => {
  // Unlike rusage, this does not count what the process was forked from.
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 'unknown';
  appendFileSync(process.env['TICKSTOCK_TEST_PEAK_MEMORY'], `${peak}\n`);
});
