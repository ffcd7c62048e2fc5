#!/usr/bin/env -S node --max-semi-space-size=8
import { existsSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';

// Pages of bars are short-lived: collecting them early keeps the process small (docs/decisions/0003-small-heap.md).
setFlagsFromString('--heap-growing-percent=100');
// The parser of HTTP is WebAssembly that V8 would optimise after the first answer, and no program ends before that is
// done. A hundred times the usual budget: only who asks for much has it optimised.
setFlagsFromString('--wasm-tiering-budget=180000000');

// As newer versions of Node have it. Without it pg asks for Response, with which all of fetch is loaded.
globalThis.navigator ??= { userAgent: `Node.js/${process.versions.node.split('.')[0]}` };

const main = new URL('../dist/cli/main.js', import.meta.url);
if (!existsSync(main)) {
  process.stderr.write('tickstock: this checkout is not built yet. Run: npm run build\n');
  process.exit(2);
}
// A reader that closes early (| head) is no failure; what is under way ends by itself.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error;
});
const { main: run } = await import(main.href);
process.exitCode = await run(process.argv.slice(2));
