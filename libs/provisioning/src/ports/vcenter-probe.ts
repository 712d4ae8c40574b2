/** What a vCenter says of itself before anybody logs in. */
export interface VCenterAbout {
  /** For example `VMware vCenter Server 8.0.3 build-24322831`. */
  readonly product: string;
  readonly apiVersion: string;
  /** In lower case; '' when it does not say. */
  readonly instanceUuid: string;
}

/** Tries whether a vCenter can be worked with, in sessions of its own. Throws `ProvisioningFailure`. */
export abstract class VCenterProbe {
  /** Reaches it, checks its certificate, and that it is a vCenter. The password is not sent. */
  abstract greet(vcenterId: string, signal: AbortSignal): Promise<VCenterAbout>;

  /**
   * Logs in and out. Answers the privileges that machines need and the account does not have everywhere; null
   * when vCenter does not tell.
   */
  abstract logIn(vcenterId: string, signal: AbortSignal): Promise<readonly string[] | null>;
}
