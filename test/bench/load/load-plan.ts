/** One request; headers are those of the plan and its own. */
export interface PlannedRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What the load generator is to send. Request number n starts n / ratePerSecond after the first one. */
export interface LoadPlan {
  readonly origin: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly ratePerSecond: number;
  readonly requests: readonly PlannedRequest[];
}

/** What came of one request. */
export interface Answer {
  /** 0: no answer at all. */
  readonly status: number;
  /** From the time it was due, not from the time it was sent, to the end of the answer. */
  readonly latencyMs: number;
  /** How much later than due it was sent. */
  readonly lateMs: number;
  readonly body: string;
}

/** What the load generator prints. */
export interface LoadResult {
  /** In the order of the plan. */
  readonly answers: readonly Answer[];
  /** CPU time that the generator itself has used, ms. */
  readonly generatorCpuMs: number;
}
