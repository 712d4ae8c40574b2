import { Maintenance, RunAccepted, RunView } from '@diaken/contracts';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deploy, finished, machineInput, onGuest, storePlaybook } from '../support/machines';
import { sharedSystem } from '../support/shared-system';
import { openBrowser, openPage, portal, signIn } from './browser';

/** Longer than a machine takes until its playbooks run. */
const PATIENCE_MS = 120_000;

const playbook = (command: string) =>
  `- hosts: all\n  gather_facts: false\n  tasks:\n    - ansible.builtin.command: ${command}\n`;

describe('an operator in a browser', { timeout: 300_000 }, () => {
  let system: Awaited<ReturnType<typeof sharedSystem>>;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let complaints: readonly string[];

  beforeAll(async () => {
    system = await sharedSystem();
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
    await signIn(page, portal());
  };
  const start = (hostname: string, address: string, playbookIds: string[] = []) =>
    deploy(
      system.client,
      machineInput(system.needed, system.lab, { hostname, network: { address }, playbookIds }),
    );
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
  const dialog = () => page.getByRole('dialog');
  const confirm = (name: string) => dialog().getByRole('button', { name, exact: true }).click();
  const endMaintenance = () =>
    system.client.change('PUT', 'queue/maintenance', { on: false }, Maintenance);

  it('resumes a failed run with another playbook, and follows it to its end', async () => {
    const { client } = system;
    const broken = await storePlaybook(client, 'Browser: broken', playbook('/bin/false'));
    const mended = await storePlaybook(client, 'Browser: mended', playbook('/bin/true'));
    const id = await start('browser-01', '127.77.82.1', [broken]);
    await enter(`/runs/${id}`);
    await press('Resume');
    await dialog().getByText('It goes on at “Run the playbooks”').waitFor();
    await dialog().getByRole('button', { name: 'Remove Browser: broken' }).click();
    await dialog().getByRole('combobox', { name: 'Add a playbook' }).click();
    await page.getByRole('option', { name: 'Browser: mended' }).click();
    await dialog().getByLabel('Extra vars').fill('{ "ansible_host": "elsewhere" }');
    await confirm('Resume with changes');
    await dialog().getByText('ansible_* variables').waitFor();
    await dialog().getByLabel('Extra vars').fill('{ "browser": true }');
    await confirm('Resume with changes');
    await dialog().waitFor({ state: 'detached' });
    await page.locator('dk-status-chip').getByText('Success').waitFor();
    const { request } = await client.get(`runs/${id}`, RunView);
    expect(request).toMatchObject({ playbookIds: [mended], extraVars: { browser: true } });
  });

  it('cancels a run that goes on: it is undone before your eyes, and nothing is left', async () => {
    const sleeps = await storePlaybook(system.client, 'Browser: sleeps', playbook('sleep 300'));
    const id = await start('browser-02', '127.77.82.2', [sleeps]);
    await enter(`/runs/${id}`);
    await page.getByText('Now: Run the playbooks').waitFor();

    await page.getByRole('button', { name: 'Cancel run' }).focus();
    await page.keyboard.press('Enter');
    await dialog().getByRole('heading', { name: 'Cancel browser-02?' }).waitFor();
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    expect(await page.evaluate('document.activeElement.textContent')).toContain('Cancel run');

    await press('Cancel run');
    await confirm('Cancel and roll back');
    await page.locator('dk-status-chip').getByText('Cancelled').waitFor();
    await page.locator('[data-status=undone]').getByText('Clone the template').waitFor();
    await page.getByRole('button', { name: 'Relaunch' }).waitFor();
    await expect(onGuest(system, '127.77.82.2', 'true')).rejects.toThrow();
  });

  it('starts maintenance, sees why runs wait, cancels several at once, and ends it', async () => {
    try {
      await enter('/queue');
      await press('Start maintenance');
      await dialog().getByLabel('Reason').fill('Browser test');
      await confirm('Start maintenance');
      await page.getByText('because of “Browser test”').waitFor();

      const ids = [
        await start('browser-03', '127.77.82.3'),
        await start('browser-04', '127.77.82.4'),
      ];
      await page.getByRole('link', { name: 'Runs', exact: true }).click();
      await page.getByText('no new work is started: Browser test').first().waitFor();
      await page.getByRole('checkbox', { name: 'Select browser-03' }).check();
      await page.getByRole('checkbox', { name: 'Select browser-04' }).check();
      await press('Cancel 2 runs');
      await dialog().getByText('2 of them have not begun yet').waitFor();
      await confirm('Cancel');
      await page.getByText('2 cancelled').waitFor();
      expect(await Promise.all(ids.map((id) => finished(system.client, id)))).toMatchObject([
        { status: 'cancelled' },
        { status: 'cancelled' },
      ]);

      await page.getByRole('link', { name: 'Queue' }).click();
      await press('End maintenance');
      await page.getByRole('button', { name: 'Start maintenance' }).waitFor();
    } finally {
      await endMaintenance();
    }
  });

  it('sees the workers, and what each of them is at', async () => {
    const sleeps = await storePlaybook(system.client, 'Browser: at work', playbook('sleep 300'));
    const id = await start('browser-05', '127.77.82.5', [sleeps]);
    try {
      await enter('/queue');
      const worker = page.getByRole('row').filter({ hasText: 'browser-05' });
      await worker.getByText('Working').waitFor();
      await worker.getByText('Run the playbooks').waitFor();
      await worker.getByRole('link', { name: 'browser-05' }).click();
      await page.getByRole('heading', { name: 'browser-05' }).waitFor();
    } finally {
      await system.client.post(`runs/${id}/cancel`, {}, RunAccepted);
    }
  });

  it('asks to sign in again, without a dialog before it, when the session has ended', async () => {
    try {
      await enter('/queue');
      await press('Start maintenance');
      await dialog().getByLabel('Reason').waitFor();
      await context.clearCookies();
      await confirm('Start maintenance');
      await page.waitForURL(/\/sign-in\?returnTo=%2Fqueue/);
      await dialog().waitFor({ state: 'detached' });
      await signIn(page, portal());
      await page.getByRole('heading', { name: 'Queue' }).waitFor();
    } finally {
      await endMaintenance();
    }
  });
});
