import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { inject } from 'vitest';
import '../support/shared-system';
import { ADMIN } from '../support/system';

/** What the browser tests have to be told: where the portal is, and who may sign in. */
export interface Portal {
  readonly baseUrl: string;
  readonly username: string;
  readonly password: string;
}

/** The portal of the system that the test files share. */
export function portal(): Portal {
  return { baseUrl: inject('system').url, ...ADMIN };
}

/** Starts the browser of the system; it asks nothing of the internet. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** A page of the portal with cookies of its own. */
export interface PortalPage {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the page complained about: scripts that failed, things the security policy refused. */
  readonly complaints: readonly string[];
}

/** Opens an empty page; what is waited for on it may take `patienceMs`. */
export async function openPage(browser: Browser, patienceMs: number): Promise<PortalPage> {
  const context = await browser.newContext({ baseURL: portal().baseUrl });
  context.setDefaultTimeout(patienceMs);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => {
    // The browser itself notes every answer that is an error; those are meant.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      complaints.push(message.text());
    }
  });
  return { context, page, complaints };
}

/** Fills in the sign-in page that the browser shows, and waits for the page behind it. */
export async function signIn(
  page: Page,
  { username, password }: Pick<Portal, 'username' | 'password'>,
): Promise<void> {
  await page.getByLabel('User name').fill(username);
  await page.getByRole('textbox', { name: 'Password' }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((url) => url.pathname !== '/sign-in');
}

/** Fills in the change of a password, and waits for the page behind it. */
export async function changePassword(page: Page, from: string, to: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Current password' }).fill(from);
  await page.getByRole('textbox', { name: 'New password' }).fill(to);
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.waitForURL((url) => url.pathname !== '/change-password');
}
