import { bootstrapApplication } from '@angular/platform-browser';
import { config } from 'zod';
import { App } from './app/app';
import { appConfig } from './app/app-config';

// Without this zod tries `new Function`, which the Content-Security-Policy refuses.
config({ jitless: true });

await bootstrapApplication(App, appConfig);
