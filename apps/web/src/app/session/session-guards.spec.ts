import { HttpClient, provideHttpClient, withInterceptors } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { Component } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { provideRouter, Router } from '@angular/router';
import { RouterTestingHarness } from '@angular/router/testing';
import { permissionsOf, type SessionView } from '@diaken/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { sendToSignIn } from './send-to-sign-in';
import { onlySignedIn, onlySignedOut, onlyWithOwnPassword } from './session-guards';

@Component({ template: '' })
class Blank {}

const session = (change: Partial<SessionView> = {}): SessionView => ({
  username: 'ana',
  role: 'viewer',
  permissions: [...permissionsOf('viewer')],
  mustChangePassword: false,
  ...change,
});
const notSignedIn = { type: 't', title: 't', status: 401, code: 'not-signed-in', detail: 'd' };
const aMoment = () => new Promise((resolve) => setTimeout(resolve));
const refused = { status: 401, statusText: 'Unauthorized' };

describe('the guards of the session', () => {
  let api: HttpTestingController;
  let router: Router;

  beforeEach(() => {
    TestBed.configureTestingModule({
      providers: [
        provideHttpClient(withInterceptors([sendToSignIn])),
        provideHttpClientTesting(),
        provideRouter([
          { path: 'sign-in', component: Blank, canActivate: [onlySignedOut] },
          { path: 'change-password', component: Blank, canActivate: [onlySignedIn] },
          { path: 'runs', component: Blank, canActivate: [onlyWithOwnPassword] },
        ]),
      ],
    });
    api = TestBed.inject(HttpTestingController);
    router = TestBed.inject(Router);
  });

  const go = async (url: string, answer: (of: HttpTestingController) => void) => {
    const harness = await RouterTestingHarness.create();
    const going = harness.navigateByUrl(url);
    await aMoment();
    answer(api);
    await going;
  };
  const isSignedIn = (view: SessionView) => (of: HttpTestingController) =>
    of.expectOne('/api/v1/session').flush(view);
  const isNobody = (of: HttpTestingController) =>
    of.expectOne('/api/v1/session').flush(notSignedIn, refused);

  it('lets a signed-in user pass, and asks who it is only once', async () => {
    await go('/runs', isSignedIn(session()));
    expect(router.url).toBe('/runs');
    await router.navigateByUrl('/change-password');
    api.expectNone('/api/v1/session');
    expect(router.url).toBe('/change-password');
  });

  it('sends others to sign in, and remembers where they wanted to go', async () => {
    await go('/runs?status=failed', isNobody);
    expect(router.url).toBe('/sign-in?returnTo=%2Fruns%3Fstatus%3Dfailed');
  });

  it('lets nobody pass with a password that must be changed', async () => {
    await go('/runs', isSignedIn(session({ mustChangePassword: true })));
    expect(router.url).toBe('/change-password?returnTo=%2Fruns');
  });

  it('keeps the sign-in page from who is signed in', async () => {
    await go('/sign-in?returnTo=%2Fruns', isSignedIn(session()));
    expect(router.url).toBe('/runs');
  });

  it('sends a user whose session has ended to sign in and back', async () => {
    await go('/runs', isSignedIn(session()));
    TestBed.inject(HttpClient).get('/api/v1/runs').subscribe();
    api.expectOne('/api/v1/runs').flush(notSignedIn, refused);
    await aMoment();
    expect(router.url).toBe('/sign-in?returnTo=%2Fruns');
  });
});
