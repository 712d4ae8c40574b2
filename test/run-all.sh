#!/bin/sh
# Checks and tests everything: formats, lints, types, unit tests, builds, then the tests against real parts.
# The faults are tested beside the rest, because both wait more than they work; their output comes last.
# The last line counts the tests: "N passed, N failed".
set -u
rm -rf dist/test-results
status=0
nx run-many -t format,lint,typecheck,test,build --outputStyle=static || status=1
if [ -f dist/apps/api/main.js ]; then
  vitest run --config test/vitest.config.mts --project faults \
    --outputFile.json=dist/test-results/faults.json >dist/faults.log 2>&1 &
  faults=$!
  trap 'kill "$faults"; exit 130' INT TERM
  vitest run --config test/vitest.config.mts --project parts --project system || status=1
  wait "$faults" || status=1
  cat dist/faults.log
else
  echo 'The API was not built, so the tests against real parts cannot run.' >&2
fi
node test/count-results.mjs || status=1
exit $status
