// Acting where it is seen: a campaign is paused at its tool, once, with a receipt, and that is taken back.

import { open } from '../screens.js';
import { expect, test } from '../test.js';
import { commandCenter } from '../program.js';
import { world } from '../world.js';

const ACTIONS = '/portal/actions';
const CAMPAIGNS = '/portal/campaigns';
const LEADS = '/portal/leads';

/** How soon a tool has been asked and has answered. */
const SOON = { timeout: 15_000, intervals: [200] };

const suite = Math.floor(Math.random() * 1_000_000_000);
let number = 700_000 + Math.floor(Math.random() * 100_000);
let key;

test.beforeAll(async () => {
  key = await commandCenter(['api-key', 'create', '--tenant', 'northwind', '--role', 'operator', '--scopes', 'act']);
});

/** A campaign of HeyReach's that nobody else acts on. */
async function newCampaign() {
  number += 1;
  const name = `Campaign ${number}`;
  // By a program with its key: the browser's cookie beside it would be another site's doing.
  const answer = await fetch(`${world().address}/api/campaigns/${number}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ connector: 'heyreach', name, channel: 'heyreach', state: 'active' }),
  });
  expect(answer.ok, await answer.text()).toBe(true);
  return { name, id: String(number) };
}

/** A lead in the pool of whom nothing but the e-mail is known; this is it. */
async function newLead() {
  number += 1;
  const email = `suite-lead-${suite}-${number}@example.com`;
  const answer = await fetch(`${world().address}/api/leads/suite-${number}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ email, source: 'suite' }),
  });
  expect(answer.ok, await answer.text()).toBe(true);
  return email;
}

/** How often the tool was asked for something. */
async function asked(request, what) {
  const answer = await request.get(`${world().heyreach}/suite/asked`);
  return (await answer.json()).filter((line) => line === what).length;
}

const campaignRow = (page, name) => page.locator('.campaign-table tbody tr').filter({ hasText: name });
const logged = (page, name) => page.locator('li.need').filter({ hasText: name });

test.describe('an action', { tag: '@plain' }, () => {
  test.use({ who: 'admin' });

  test('is shown, confirmed, done once at the tool, and taken back', async ({ page, request }) => {
    const { name, id } = await newCampaign();
    await open(page, CAMPAIGNS);
    await campaignRow(page, name).getByRole('link', { name: `Pause ${name}` }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Pause ${name}?`);
    await expect(page.getByText('Active, its tool says')).toBeVisible();
    await page.getByRole('button', { name: 'Pause campaign' }).click();
    await expect(page).toHaveURL(/done=action-taken-on/);

    await expect(async () => {
      await open(page, ACTIONS);
      await expect(logged(page, name).first()).toContainText('Done', { timeout: 100 });
    }).toPass(SOON);
    expect(await asked(request, `/campaign/Pause ${id}`)).toBe(1);
    await logged(page, name).first().getByText('Receipt').click();
    await expect(logged(page, name).first()).toContainText('Done, the tool says');
    await open(page, `${CAMPAIGNS}?state=paused`);
    await expect(campaignRow(page, name)).toContainText('Paused');
    await open(page, ACTIONS);

    await logged(page, name).first().getByRole('button', { name: /^Undo: resume/ }).click();
    await expect(async () => {
      await open(page, ACTIONS);
      await expect(logged(page, name)).toHaveCount(2, { timeout: 100 });
      await expect(logged(page, name).nth(1)).toContainText('Undone', { timeout: 100 });
    }).toPass(SOON);
    expect(await asked(request, `/campaign/Resume ${id}`)).toBe(1);
    await open(page, CAMPAIGNS);
    await expect(campaignRow(page, name)).toContainText('Active');
  });

  test('is done once, however often its button is pressed', async ({ page, request }) => {
    const { name, id } = await newCampaign();
    await open(page, CAMPAIGNS);
    await campaignRow(page, name).getByRole('link', { name: `Pause ${name}` }).click();
    await page.getByRole('button', { name: 'Pause campaign' }).dblclick();
    await expect(page).toHaveURL(/done=action-taken-on/);
    await expect.poll(() => asked(request, `/campaign/Pause ${id}`), SOON).toBe(1);
    await open(page, ACTIONS);
    await expect(logged(page, name)).toHaveCount(1);
  });
});

test.describe('leads', { tag: '@plain' }, () => {
  test.use({ who: 'admin' });

  test('are chosen, shown, and looked up once each', async ({ page, request }) => {
    const emails = [await newLead(), await newLead()];
    await open(page, `${LEADS}?q=suite-lead-${suite}`);
    for (const email of emails) {
      await page.getByRole('checkbox', { name: `Choose ${email}` }).check();
    }
    await page.getByRole('button', { name: 'Enrich leads…' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Enrich 2 leads?');
    await expect(page.getByText('2 credits')).toBeVisible();
    await page.getByRole('button', { name: 'Enrich leads' }).dblclick();
    await expect(page).toHaveURL(/done=action-taken-on/);
    await expect(async () => {
      await open(page, `${ACTIONS}?kind=retry_enrichment`);
      await expect(page.locator('li.need').first()).toContainText('2 done', { timeout: 100 });
    }).toPass(SOON);
    const asked = await (await request.get(`${world().apollo}/suite/asked`)).json();
    expect(asked.filter((email) => emails.includes(email)).sort()).toEqual([...emails].sort());

    await open(page, `${LEADS}?q=${emails[0]}`);
    await expect(page.locator('.lead-table tbody tr')).toContainText('Enriched');
    await page.getByRole('link', { name: 'Found Person' }).click();
    await expect(page.locator('.timeline')).toContainText('Looked up · Apollo Done');
    await page.getByRole('link', { name: 'Enrich…' }).click();
    await expect(page.getByRole('alert')).toHaveText('They were found already.');
  });

  test('are not done anything to before any is chosen', async ({ page }) => {
    await open(page, LEADS);
    await page.getByRole('button', { name: 'Enrich leads…' }).click();
    await expect(page.getByText('Choose at least one lead')).toBeVisible();
  });
});

test.describe('who may only look', { tag: '@plain' }, () => {
  test.use({ who: 'viewer' });

  test('sees campaigns and what was done, and no button', async ({ page }) => {
    for (const path of [CAMPAIGNS, ACTIONS]) {
      await open(page, path);
      await expect(page.getByRole('link', { name: /^Pause / })).toHaveCount(0);
    }
    await open(page, CAMPAIGNS);
    await expect(page.locator('.campaign-table tbody tr').first()).toBeVisible();
  });
});
