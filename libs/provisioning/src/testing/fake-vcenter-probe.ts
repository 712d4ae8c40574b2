import { type VCenterAbout, VCenterProbe } from '../ports/vcenter-probe';
import { Calls } from './calls';

/** A vCenter that lets everybody in. */
export class FakeVCenterProbe extends VCenterProbe {
  readonly calls = new Calls<keyof VCenterProbe>();
  about: VCenterAbout = { product: 'A vCenter', apiVersion: '8.0', instanceUuid: 'a-uuid' };
  missingPrivileges: readonly string[] | null = [];

  override greet(): Promise<VCenterAbout> {
    return this.calls.answer('greet', () => this.about);
  }

  override logIn(): Promise<readonly string[] | null> {
    return this.calls.answer('logIn', () => this.missingPrivileges);
  }
}
