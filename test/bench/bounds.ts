/** What is asked of the API, and within which bounds it has to answer. */
export const SUBMIT = { ratePerSecond: 200, seconds: 20, p99Ms: 50 } as const;
export const POLLS = { ratePerSecond: 500, seconds: 20, p99Ms: 25, runs: 300 } as const;
/** Load that is sent before the measured one, so that a server is measured that has been up. */
export const WARM_UP_SECONDS = 5;
/** How long the servers have nothing to do before their memory is read. */
export const IDLE_SECONDS = 10;
/** Aim for the resident memory of an idle server, MiB. Printed, never a failure. */
export const IDLE_MEMORY_AIM_MIB = 200;
/** A long queue: enqueueing must neither take long nor become slower. */
export const ENQUEUE = { runs: 10_000, warmUp: 500, p99Ms: 5, growth: 1.5 } as const;
/** Deployments at once: against what vCenter lets one of them wait. */
export const CONCURRENCY = { runs: 50, warmUp: 20, rounds: 3, taskMs: 300, ratio: 1.5 } as const;
/** What a form asks for while somebody fills it in, at a large vCenter. */
export const CHOICES = { warmUp: 50, requests: 300, p95Ms: 20 } as const;
