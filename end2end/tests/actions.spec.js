// Acting where it is seen: a campaign is paused at its tool, once, with a receipt, and that is taken back.

import { open } from '../screens.js';
import { expect, test } from '../test.js';
import { commandCenter } from '../program.js';
import { world } from '../world.js';

const ACTIONS = '/portal/actions';
const CAMPAIGNS = '/portal/campaigns';

/** How soon a tool has been asked and has answered. */
const SOON = { timeout: 15_000, intervals: [200] };

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
