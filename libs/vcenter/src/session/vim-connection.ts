import { ProvisioningFailure } from '@diaken/provisioning';
import { failureOfFault } from '../problems/fault-failure';
import { notAVCenter, requireCertificate, sessionKeepsEnding } from '../problems/session-failure';
import { failureOfTransport } from '../problems/transport-failure';
import { envelope } from '../soap/envelope';
import type { NeededFields } from '../soap/response-parser';
import { VimFault } from '../soap/vim-fault';
import {
  MoRef,
  moRefOf,
  objectOf,
  objectsOf,
  textOf,
  type VimObject,
  type VimValue,
} from '../soap/vim-value';
import type { VCenterAccess } from '../vcenter-directory';
import { unlessAborted } from './call-deadline';
import { VimTransport } from './vim-transport';

const SERVICE_INSTANCE = new MoRef('ServiceInstance', 'ServiceInstance');
/** How long logging out may hold up a shutdown. */
const LOGOUT_MS = 2_000;

/**
 * How long a refused login is remembered. Single sign-on locks an account after five refusals within
 * three minutes, and every run that waits would cause one.
 */
const REFUSAL_MS = 60_000;

/** The objects of a vCenter that everything starts from. */
export type ServiceObject =
  'rootFolder' | 'propertyCollector' | 'searchIndex' | 'sessionManager' | 'authorizationManager';

/** A call of a method of an object. */
export interface VimCall {
  readonly method: string;
  readonly on: MoRef | ServiceObject;
  readonly parameters?: VimObject;
  /** Whether it may be sent again in a new session when this one is gone. Default: true. */
  readonly anySession?: boolean;
  /** Of large answers: what of them is needed. */
  readonly neededFields?: NeededFields;
}

interface Session {
  readonly cookie: string;
  readonly content: VimObject;
  /** What vCenter calls the session; '' before anybody has logged in. */
  readonly key: string;
}

/**
 * One session with one vCenter: logs in at the first call and again whenever the session is gone.
 * Throws `ProvisioningFailure`, or the reason of the caller's signal.
 */
export class VimConnection {
  private readonly transport: VimTransport;
  private opening: Promise<Session> | undefined;

  constructor(
    private readonly access: VCenterAccess,
    timeoutMs: number,
  ) {
    this.transport = new VimTransport(access, timeoutMs);
  }

  /** The vCenter, as messages name it. */
  get label(): string {
    return `vCenter ${this.access.name} (${this.transport.url.href})`;
  }

  /** Calls a method and answers what it returns. */
  async call(call: VimCall, signal: AbortSignal): Promise<VimValue | undefined> {
    const opening = this.session();
    const session = await unlessAborted(opening, signal);
    try {
      return await this.send(call, session, signal);
    } catch (error) {
      if (!isSessionGone(error)) throw await this.failureOf(error, signal);
      if (this.opening === opening) this.opening = undefined;
      if (call.anySession === false) throw sessionKeepsEnding(this.label, error);
    }
    // vCenter did nothing but refuse, so that sending it again is safe; once is enough.
    return this.call({ ...call, anySession: false }, signal);
  }

  /** One of the objects that everything starts from. */
  async serviceObject(name: ServiceObject, signal: AbortSignal): Promise<MoRef> {
    return serviceObjectOf(await unlessAborted(this.session(), signal), name);
  }

  /** What the vCenter calls itself; '' when it does not say. Stays the same when its address changes. */
  async instanceUuid(signal: AbortSignal): Promise<string> {
    const { content } = await unlessAborted(this.session(), signal);
    return textOf(objectOf(content['about'])['instanceUuid']).toLowerCase();
  }

  /** What vCenter calls our session. */
  async sessionKey(signal: AbortSignal): Promise<string> {
    return (await unlessAborted(this.session(), signal)).key;
  }

  /** What the server says of itself before anybody logs in. The password is not sent. */
  async about(signal: AbortSignal): Promise<VimObject> {
    try {
      return objectOf((await this.greet(signal)).content['about']);
    } catch (error) {
      throw await this.failureOf(error, signal);
    }
  }

  /** What a fault means for a run. */
  faultMeaning(fault: VimFault): ProvisioningFailure {
    return failureOfFault(this.label, fault);
  }

  /** Ends the session at vCenter, if there is one, and all connections. */
  async close(): Promise<void> {
    const soon = AbortSignal.timeout(LOGOUT_MS);
    const opening = this.opening ?? Promise.resolve(undefined);
    const session = await unlessAborted(opening, soon).catch(() => undefined);
    this.opening = undefined;
    if (session) {
      const logout: VimCall = { method: 'Logout', on: 'sessionManager' };
      // A session that cannot be ended now ends by itself after vCenter's idle limit.
      await this.send(logout, session, soon).catch(() => undefined);
    }
    await this.transport.close();
  }

  private async send(
    { method, on, parameters, neededFields }: VimCall,
    session: Session,
    signal: AbortSignal,
  ): Promise<VimValue | undefined> {
    const target = typeof on === 'string' ? serviceObjectOf(session, on) : on;
    const message = envelope(method, { _this: target, ...parameters });
    const { value } = await this.transport.send(message, session.cookie, signal, neededFields);
    throwIfSessionIsMissing(value);
    return value;
  }

  /** The session, opened by the first who asks; the others wait for the same one. */
  private session(): Promise<Session> {
    if (this.opening) return this.opening;
    const opening = this.open();
    this.opening = opening;
    opening.catch((error: unknown) => this.forget(opening, error));
    return opening;
  }

  /** Lets the next who asks try again; after a refused login not before a while. */
  private forget(opening: Promise<Session>, error: unknown): void {
    const refused = error instanceof ProvisioningFailure && error.code === 'vcenter-login-refused';
    const forget = () => {
      if (this.opening === opening) this.opening = undefined;
    };
    if (refused) setTimeout(forget, REFUSAL_MS).unref();
    else forget();
  }

  private async open(): Promise<Session> {
    const never = new AbortController().signal; // the deadline of each call still counts
    try {
      const before = await this.greet(never);
      const login = await this.transport.send(this.loginMessage(before), before.cookie, never);
      return {
        content: before.content,
        cookie: cookieHeader([...before.cookie.split('; '), ...login.cookies]),
        key: textOf(objectOf(login.value)['key']),
      };
    } catch (error) {
      throw await this.failureOf(error, never);
    }
  }

  /** Without a cookie of before: vCenter refuses a second login in the same session. */
  private async greet(signal: AbortSignal): Promise<Session> {
    requireCertificate(this.label, this.transport.url, this.access);
    const message = envelope('RetrieveServiceContent', { _this: SERVICE_INSTANCE });
    const { value, cookies } = await this.transport.send(message, '', signal);
    const content = objectOf(value);
    const about = objectOf(content['about']);
    if (about['apiType'] !== 'VirtualCenter') {
      throw notAVCenter(this.label, textOf(about['fullName']) || 'something else');
    }
    return { content, cookie: cookieHeader(cookies), key: '' };
  }

  private loginMessage(session: Session): string {
    return envelope('Login', {
      _this: serviceObjectOf(session, 'sessionManager'),
      userName: this.access.username,
      password: this.access.password,
    });
  }

  private async failureOf(error: unknown, signal: AbortSignal): Promise<unknown> {
    if (error instanceof VimFault) return this.faultMeaning(error);
    if (signal.aborted && error === signal.reason) return error;
    return failureOfTransport(this.label, this.transport.url, error);
  }
}

function serviceObjectOf({ content }: Session, name: ServiceObject): MoRef {
  const object = moRefOf(content[name]);
  if (!object) throw new Error(`vCenter’s service content has no ${name}`);
  return object;
}

function isSessionGone(error: unknown): error is VimFault {
  return error instanceof VimFault && error.type === 'NotAuthenticated';
}

/** A property collector answers 200 without a session, and says so at every property. */
function throwIfSessionIsMissing(value: VimValue | undefined): void {
  for (const object of objectsOf(objectOf(value)['objects'])) {
    for (const missing of objectsOf(object['missingSet'])) {
      const fault = objectOf(objectOf(missing['fault'])['fault']);
      if (fault.$type === 'NotAuthenticated') throw new VimFault('NotAuthenticated', '');
    }
  }
}

function cookieHeader(setCookies: readonly string[]): string {
  const pairs = setCookies.map((each) => each.split(';', 1)[0] ?? '');
  const byName = new Map(pairs.map((pair) => [pair.split('=', 1)[0], pair]));
  return [...byName.values()].join('; ');
}
