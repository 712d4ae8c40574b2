// Adds up what every test run reported, and prints it as one line. Exit code 1 when a test failed or none ran.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = 'dist/test-results';
const reports = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
const sum = (field) => reports.reduce((total, report) => total + report[field], 0);
// A file that could not even be loaded has failed too, although none of its tests has.
const brokenFiles = reports
  .flatMap((report) => report.testResults)
  .filter(
    (file) =>
      file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  );

const passed = sum('numPassedTests');
const failed = sum('numFailedTests') + brokenFiles.length;
for (const { name, message } of brokenFiles) {
  console.error(`${name}: ${message}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
