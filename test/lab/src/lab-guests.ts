import { labCall } from './lab-call';

/** Silences guests while they run, as when their network is cut. */
export interface LabGuests {
  /**
   * Stops all processes of this machine's guest. vCenter goes on showing it as running, and
   * connections are still accepted, but nothing is said on them.
   */
  stop(machineName: string): Promise<void>;
  /** Lets a stopped guest go on where it was. */
  continue(machineName: string): Promise<void>;
}

/** The guests of a lab that runs anywhere, by its `url` and `certificatePem`. */
export function guestsAt(url: string, certificatePem: string): LabGuests {
  const call = labCall(url, certificatePem);
  const act = (action: 'stop' | 'continue') => async (machineName: string) => {
    await call('POST', 'guests', { vm: machineName, action });
  };
  return { stop: act('stop'), continue: act('continue') };
}
