#!/bin/sh
# Kills, stops and cuts off parts of a whole system, and sees what becomes of its runs.
#   npm run test:faults                 the short form, as in `npm test`: a worker is killed once at each step
#   npm run test:faults -- --rounds N   the full form: a worker is killed N times at each point of each step
set -eu

usage() { echo "usage: npm run test:faults -- [--rounds N]" >&2 && exit 2; }

rounds=0
if [ "$#" -gt 0 ]; then
  [ "$#" = 2 ] && [ "$1" = --rounds ] || usage
  case "$2" in '' | *[!0-9]*) usage ;; esac
  rounds=$2
fi

sh apps/local/setup.sh
nx run-many -t build -p api,worker --outputStyle=static
DIAKEN_FAULT_ROUNDS=$rounds exec vitest run --config test/vitest.config.mts --project faults
