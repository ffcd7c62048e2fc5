// Adds up vitest's JSON reports and prints `N passed, N failed, N skipped` as the last line.
// Usage: count-tests.mjs FAILED_BEFORE REPORT…  Exits 1 when anything failed or was skipped.
import { readFileSync } from 'node:fs';

const [failedBefore, ...reports] = process.argv.slice(2);
const counts = { passed: 0, failed: 0, skipped: 0, todo: 0 };
for (const report of reports) {
  for (const file of JSON.parse(readFileSync(report, 'utf8')).testResults) {
    // A file that could not even be loaded has no tests to count.
    if (file.status === 'failed' && file.assertionResults.length === 0) {
      counts.failed += 1;
      console.log(`could not run: ${file.name}`);
    }
    for (const { status, fullName } of file.assertionResults) {
      if (status === 'passed') counts.passed += 1;
      else if (status === 'todo') counts.todo += 1;
      else if (status === 'failed') counts.failed += 1;
      else {
        counts.skipped += 1;
        console.log(`skipped: ${fullName}`);
      }
    }
  }
}
// A check that failed without a failing test, such as lint or types.
if (failedBefore !== '0' && counts.failed === 0) counts.failed = 1;
if (counts.todo > 0) console.log(`${counts.todo} pending for later work`);
if (counts.skipped > 0) console.log('Skips are not allowed where CI=true.');
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(counts.failed === 0 && counts.skipped === 0 && counts.passed > 0 ? 0 : 1);
