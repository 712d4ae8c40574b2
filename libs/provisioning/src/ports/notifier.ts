/** Tells people how a run ended. */
export abstract class Notifier {
  /** Its failure never fails a run. */
  abstract machineReady(message: {
    readonly runId: string;
    readonly hostname: string;
    readonly address: string;
    readonly requestedBy: string;
  }): Promise<void>;
}
