/** Whether the operating system refused something, with one of these codes. */
export function isErrnoException(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
