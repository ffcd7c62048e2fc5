#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';

// Pages of bars are short-lived: small young generations keep the process small at no cost in speed.
setFlagsFromString('--max-semi-space-size=4');

const main = new URL('../dist/cli/main.js', import.meta.url);
if (!existsSync(main)) {
  process.stderr.write('tickstock: this checkout is not built yet. Run: npm run build\n');
  process.exit(2);
}
// A reader that closes early (| head) is no failure.
process.stdout.on('error', (error) => process.exit(error.code === 'EPIPE' ? 0 : 1));
const { main: run } = await import(main.href);
process.exitCode = await run(process.argv.slice(2));
