#!/bin/sh
# Checks and tests everything: formats, lints, types, unit tests, builds, then the tests against real parts.
# Faults and parts are tested beside the system, because all wait more than they work; their output comes last.
# The last line counts the tests: "N passed, N failed".
set -u
rm -rf dist/test-results
status=0
nx run-many -t format,lint,typecheck,test,build --outputStyle=static || status=1
if [ -f dist/apps/api/main.js ]; then
  DIAKEN_TEST_REPORT=parts vitest run --config test/vitest.config.mts --project faults --project parts \
    >dist/parts.log 2>&1 &
  parts=$!
  trap 'kill "$parts"; exit 130' INT TERM
  vitest run --config test/vitest.config.mts --project system || status=1
  wait "$parts" || status=1
  cat dist/parts.log
else
  echo 'The API was not built, so the tests against real parts cannot run.' >&2
fi
node test/count-results.mjs || status=1
exit $status
