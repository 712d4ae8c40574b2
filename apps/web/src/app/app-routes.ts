import type { Routes } from '@angular/router';
import { onlySignedIn, onlySignedOut, onlyWithOwnPassword } from './session/session-guards';

/** Every page; each is loaded when it is first asked for. */
export const APP_ROUTES: Routes = [
  {
    path: 'sign-in',
    title: 'Sign in · Diaken',
    canActivate: [onlySignedOut],
    loadComponent: async () => (await import('./session/sign-in-page')).SignInPage,
  },
  {
    path: 'change-password',
    title: 'Change password · Diaken',
    canActivate: [onlySignedIn],
    loadComponent: async () => (await import('./session/change-password-page')).ChangePasswordPage,
  },
  {
    path: '',
    canActivate: [onlyWithOwnPassword],
    loadComponent: async () => (await import('./shell/shell')).Shell,
    children: [
      { path: '', pathMatch: 'full', redirectTo: 'runs' },
      {
        path: 'runs',
        title: 'Runs · Diaken',
        loadComponent: async () => (await import('./runs/list/run-list')).RunList,
      },
      {
        path: 'runs/:id',
        title: 'Run · Diaken',
        loadComponent: async () => (await import('./runs/page/run-page')).RunPage,
      },
      {
        path: 'queue',
        title: 'Queue · Diaken',
        loadComponent: async () => (await import('./queue/queue-page')).QueuePage,
      },
      {
        path: '**',
        title: 'Not found · Diaken',
        loadComponent: async () => (await import('./not-found/not-found')).NotFound,
      },
    ],
  },
];
