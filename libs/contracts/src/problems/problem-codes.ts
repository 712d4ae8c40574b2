/**
 * Every problem the API answers or a run ends with, and the HTTP status it has.
 * Codes are stable: scripts and translations depend on them. `null`: only ever seen in a run.
 */
export const PROBLEM_CODES = {
  // the request
  'invalid-request': 400,
  'malformed-body': 400,
  'body-too-large': 413,
  'unsupported-media-type': 415,
  'not-found': 404,
  'too-many-requests': 429,
  // who asks
  'not-signed-in': 401,
  'wrong-credentials': 401,
  'password-change-required': 403,
  'not-allowed': 403,
  // what is asked for
  'hostname-taken': 409,
  'address-taken': 409,
  'no-free-address': 409,
  'name-taken': 409,
  'still-in-use': 409,
  'already-a-host': 409,
  'idempotency-key-reused': 409,
  'action-not-allowed': 409,
  'inventory-not-ready': 409,
  'changes-forgotten': 410,
  'unknown-object': 422,
  'ambiguous-object': 422,
  'import-refused': 422,
  'not-for-template': 422,
  // the system
  'service-unavailable': 503,
  'internal-error': 500,
  // steps of runs
  'template-missing': null,
  'placement-missing': null,
  'not-enough-space': null,
  'name-in-vcenter': null,
  'vcenter-unreachable': null,
  'vcenter-login-refused': null,
  'vcenter-certificate-refused': null,
  'vcenter-permission-denied': null,
  'vcenter-fault': null,
  'vcenter-replaced': null,
  'machine-missing': null,
  'host-missing': null,
  'not-our-machine': null,
  'machine-destroyed': null,
  'outcome-unknown': null,
  'no-guest-address': null,
  'staging-address-taken': null,
  'guest-unreachable': null,
  'guest-login-refused': null,
  'guest-identity-mismatch': null,
  'guest-identity-unverified': null,
  'host-key-changed': null,
  'verification-failed': null,
  'playbook-failed': null,
  'playbook-no-hosts': null,
  'playbook-missing': null,
  'playbook-refused': null,
  'playbook-not-checked': null,
  'check-not-possible': null,
  'playbook-interrupted': null,
  'playbook-not-started': null,
  'worker-disk-full': null,
  'credential-missing': null,
  'secret-unreadable': null,
  'timed-out': null,
  cancelled: null,
  'worker-lost': null,
  'unknown-pipeline': null,
  'unexpected-error': null,
} as const satisfies Record<string, number | null>;

export type ProblemCode = keyof typeof PROBLEM_CODES;

/** All codes, for schemas. */
export const PROBLEM_CODE_LIST = Object.keys(PROBLEM_CODES) as [ProblemCode, ...ProblemCode[]];
