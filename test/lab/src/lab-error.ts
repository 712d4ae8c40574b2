/** The lab cannot be built or started; the message names the cause and what to do about it. */
export class LabError extends Error {
  override readonly name = 'LabError';

  constructor(cause: string, remedy: string, options?: ErrorOptions) {
    super(`The lab: ${cause}\nRemedy: ${remedy}`, options);
  }
}
