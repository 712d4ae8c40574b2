import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deploy, machineInput, storePlaybook } from '../support/machines';
import { sharedSystem } from '../support/shared-system';
import { openBrowser, openPage, portal, signIn } from './browser';

const UNKNOWN_RUN = '/runs/00000000-0000-4000-8000-000000000000';
/** Longer than a poll and the pause after a lost one. */
const PATIENCE_MS = 30_000;

/** The whole test may last this long; the first page is slow on a busy machine. */
const options = { timeout: 60_000 };

describe('the portal in a browser', options, () => {
  const { username, password } = portal();
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let complaints: readonly string[];

  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
  });
  beforeEach(async () => {
    ({ context, page, complaints } = await openPage(browser, PATIENCE_MS));
  });
  afterEach(async () => {
    await context.close();
    expect(complaints).toEqual([]);
  });

  const enter = async (path: string) => {
    await page.goto(path);
    await signIn(page, { username, password });
  };

  it('says that a password is wrong, and lets the right one in', async () => {
    await page.goto('/');
    await page.getByLabel('User name').fill(username);
    await page.getByRole('textbox', { name: 'Password' }).fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').waitFor();
    await signIn(page, { username, password });
    await page.getByRole('heading', { name: 'Runs' }).waitFor();
  });

  it('goes on to the page that was asked for', async () => {
    await enter('/runs?status=failed');
    await page.getByRole('heading', { name: 'Runs' }).waitFor();
    expect(new URL(page.url()).search).toBe('?status=failed');
    expect(await page.getByRole('combobox', { name: 'Status' }).textContent()).toContain('Failed');
  });

  it('keeps the filter in the address', async () => {
    await enter('/runs');
    await page.getByRole('searchbox', { name: 'Target' }).fill('no-such-target');
    await page.waitForURL(/target=no-such-target/);
    await page.getByRole('heading', { name: 'No run is like that' }).waitFor();
    await page.getByRole('button', { name: 'Show all runs' }).click();
    await page.waitForURL((url) => url.search === '');
  });

  it('says that there is no such run', async () => {
    await enter(UNKNOWN_RUN);
    await page.getByRole('heading', { name: 'There is no such run' }).waitFor();
  });

  it('asks to sign in again when the session has ended, and comes back', async () => {
    await enter('/runs?status=success');
    await page.getByRole('heading', { name: 'Runs' }).waitFor();
    await context.clearCookies();
    await page.waitForURL(/\/sign-in\?returnTo=/);
    await signIn(page, { username, password });
    expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe('/runs?status=success');
  });

  it('says calmly that the connection is lost, and that it is back', async () => {
    await enter('/runs');
    await page.getByRole('heading', { name: 'Runs' }).waitFor();
    await context.setOffline(true);
    await page.getByText('Connection lost.').waitFor();
    await context.setOffline(false);
    await page.getByText('Connection lost.').waitFor({ state: 'detached' });
    expect(await page.getByRole('heading', { name: 'Runs' }).isVisible()).toBe(true);
  });

  it(
    'shows a deployment live until it has succeeded, and its output as text',
    { timeout: 180_000 },
    async () => {
      const { client, needed, lab } = await sharedSystem();
      const hello =
        '- hosts: all\n  gather_facts: false\n  tasks:\n    - debug: { msg: "<script>alert(1)</script>" }\n';
      const playbookIds = [await storePlaybook(client, 'Markup', hello)];
      const machine = { hostname: 'seen-01', network: { address: '127.77.70.1' }, playbookIds };
      const id = await deploy(client, machineInput(needed, lab, machine));
      await enter(`/runs/${id}`);
      await page.getByRole('heading', { name: 'Steps' }).waitFor();
      await page.getByText('seen-01').first().waitFor();
      let reloads = 0;
      page.on('load', () => (reloads += 1));
      // Not the word alone: every step that is done says it, too.
      const status = page.locator('dk-status-chip');
      await status.getByText('Success').waitFor({ timeout: 150_000 });
      await page.getByText('<script>alert(1)</script>').first().waitFor();
      expect(await page.locator('dk-run-log script').count()).toBe(0);
      expect(reloads).toBe(0);
    },
  );

  it.each(['/runs', '/queue', UNKNOWN_RUN])('fits %s on a narrow screen', async (path) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await enter(path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    const overhang = 'document.documentElement.scrollWidth - window.innerWidth';
    expect(await page.evaluate(overhang)).toBeLessThanOrEqual(0);
  });

  it('can be used with the keyboard alone', async () => {
    await page.goto('/');
    await page.getByLabel('User name').focus();
    await page.keyboard.type(username);
    await page.keyboard.press('Tab');
    await page.keyboard.type(password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Runs' }).waitFor();
    await page.getByRole('button', { name: /^Menu of/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Change password' }).waitFor();
    await page.keyboard.press('Escape');
  });

  it('signs out', async () => {
    await enter('/runs');
    await page.getByRole('button', { name: /^Menu of/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.waitForURL(/\/sign-in/);
    await page.goto('/runs');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });
});
