#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';

// Pages of bars are short-lived: collecting them early costs little and halves the size of the process.
setFlagsFromString('--heap-growing-percent=30');

const main = new URL('../dist/cli/main.js', import.meta.url);
if (!existsSync(main)) {
  process.stderr.write('tickstock: this checkout is not built yet. Run: npm run build\n');
  process.exit(2);
}
// A reader that closes early (| head) is no failure.
process.stdout.on('error', (error) => process.exit(error.code === 'EPIPE' ? 0 : 1));
const { main: run } = await import(main.href);
process.exitCode = await run(process.argv.slice(2));
