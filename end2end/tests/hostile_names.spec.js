// What strangers write into Stripe is text, wherever it is shown.

import { randomUUID } from 'node:crypto';
import { invite, join, newOwner, signIn, stateOf, STAFF } from '../people.js';
import { addressOf, PLACES } from '../places.js';
import { newPayment } from '../stripe.js';
import { commandCenter } from '../program.js';
import { ledger, ledgerRows, open, OVERVIEW, productTable, REVENUE, untilAwake } from '../screens.js';
import { expect, test } from '../test.js';
import { world } from '../world.js';

const SCRIPT = '<script>window.__hit=1</script>';
const IMAGE = `"'><img src=x onerror="window.__hit=1">`;
const DRAWING = '</script><svg onload=window.__hit=1>';
const TURNED = '\u202Egnp.exe\u202C';
const TURNED_AS_SHOWN = 'gnp.exe';

test.describe('hostile names', { tag: '@plain' }, () => {
  test('of payers and products are shown as they were written, and do nothing', async ({ page, stripe }) => {
    const days = 'from=2018-02-05&to=2018-02-06';
    const payment = hostilePayment('2018-02-05T12:00:00Z', { description: `${SCRIPT}${IMAGE}${TURNED}` });
    await stripe.tells(payment.charged, payment.firstRefund);

    await expect(async () => {
      await open(page, `${REVENUE}?${days}`);
      await expect(ledgerRows(page, payment.email)).toHaveCount(2, { timeout: 500 });
    }).toPass();
    await expectHarmless(page);
    const product = `${SCRIPT}${IMAGE}${TURNED_AS_SHOWN}`;
    await expect(ledgerRows(page, payment.email).first()).toContainText(product);
    await expect(ledger(page)).not.toContainText('\u202E');

    await open(page, `${OVERVIEW}?${days}`);
    await expectHarmless(page);
    const row = productTable(page).getByRole('row').filter({ hasText: product });
    await expect(row).toHaveCount(1);
    await row.getByRole('link').click();
    await expect(page.locator('#filter')).toContainText(product);
    await expect(ledgerRows(page, payment.email)).toHaveCount(2);
    await expectHarmless(page);
  });

  test('in metadata are neither channels nor markup', async ({ page, stripe }) => {
    const days = 'from=2018-03-05&to=2018-03-06';
    const metadata = {
      gtm_channel: SCRIPT,
      utm_source: `${IMAGE}${TURNED}`,
      product_name: `${IMAGE}${TURNED}`,
      product_category: SCRIPT,
    };
    const payment = hostilePayment('2018-03-05T12:00:00Z', { metadata });
    await stripe.tells(payment.charged);

    await expect(async () => {
      await open(page, `${OVERVIEW}?${days}`);
      await expect(productTable(page)).toContainText(`${IMAGE}${TURNED_AS_SHOWN}`, { timeout: 500 });
    }).toPass();
    await expect(productTable(page)).toContainText(SCRIPT);
    await expect(page.locator('#answer')).toContainText('no channel was found');
    await expectHarmless(page);

    await open(page, `${REVENUE}?${days}`);
    await expect(ledgerRows(page, payment.email)).toContainText('Unknown');
    await expectHarmless(page);
  });

  test('in the address do nothing', async ({ page }) => {
    for (const field of ['period', 'from', 'granularity', 'tenant_id', 'channel', 'kind', 'product', 'cursor']) {
      for (const path of [OVERVIEW, REVENUE]) {
        await page.goto(`${path}?${new URLSearchParams({ [field]: `${SCRIPT}${IMAGE}` })}`);
        await expect(page.getByRole('heading', { level: 1 }), `${path} with a hostile ${field}`).toBeVisible();
        await expectHarmless(page);
      }
    }
  });
});

test.describe('hostile names', { tag: '@plain' }, () => {
  test('of companies, people, keys and browsers are text on every page', async ({ page, context, baseURL }) => {
    const hostile = (text) => `${text} ${DRAWING}${IMAGE}`;
    const owner = await newOwner({ company: hostile('Company'), name: hostile('Person') });
    const [other, colleague] = [await newOwner({ company: hostile('Other') }), await newOwner({ name: hostile('Colleague') })];
    await join(owner.session, colleague, 'operator');
    const session = await join(other.session, owner, 'admin');
    await signIn(owner, { userAgent: `Firefox/1 ${DRAWING}` });
    await makeKey(baseURL, owner.session, hostile('Key'));
    const asked = await invite(owner.session, `'onload=window.__hit=1'${randomUUID()}@example.org`, 'viewer');
    const reset = new URL(await commandCenter(['user', 'reset-link', '--email', owner.email]));

    for (const [from, company] of [
      [owner.session, 'Company'],
      [session, 'Other'],
    ]) {
      await context.addCookies(stateOf(from).cookies);
      for (const place of Object.values(PLACES).filter(({ path, who }) => path && !who)) {
        await open(page, addressOf(place));
        await expectHarmless(page);
      }
      await open(page, '/portal/settings/members');
      await expect(page.getByRole('main')).toContainText(hostile(company));
      await expect(page.getByRole('main')).toContainText(hostile('Person'));
      await expect(page.locator('.side-foot')).toContainText(hostile(company));
    }
    await context.addCookies(stateOf(owner.session).cookies);
    await open(page, '/portal/settings/members');
    await expect(page.getByRole('main')).toContainText(hostile('Colleague'));
    await open(page, '/portal/settings/api-keys');
    await expect(page.getByRole('main')).toContainText(hostile('Key'));
    await open(page, '/portal/settings/audit-log');
    await expect(page.getByRole('main')).toContainText(hostile('Key'));
    await expectHarmless(page);

    await context.addCookies(stateOf(await signIn({ email: STAFF.platform, password: world().password })).cookies);
    await open(page, '/portal/platform');
    await expect(page.getByRole('main')).toContainText(hostile('Company'));
    await expectHarmless(page);
    await context.clearCookies();
    for (const path of [asked, reset.pathname + reset.search]) {
      await open(page, path);
      await expectHarmless(page);
    }
  });

  test('that a form gives back are text', async ({ page }) => {
    await page.context().clearCookies();
    await open(page, '/signup');
    await page.getByLabel('Company').fill(`${DRAWING}${IMAGE}`);
    await page.getByLabel('Your name').fill(`"><script>window.__hit=1</script>`);
    await page.getByLabel('E-mail').fill(`'onfocus=window.__hit=1@example.org`);
    await page.getByLabel('Password').fill('password');
    await page.getByRole('button', { name: 'Make the account' }).click();

    await expect(page.getByRole('alert')).toBeVisible();
    await expect(page.getByLabel('Company')).toHaveValue(`${DRAWING}${IMAGE}`);
    await expectHarmless(page);
  });

  test('in the address of every page do nothing', async ({ page }) => {
    const fields = ['tenant_id', 'done', 'next', 'token', 'deed', 'actor', 'from', 'cursor'];
    for (const place of Object.values(PLACES)) {
      const path = addressOf(place).split('?')[0];
      await page.goto(`${path}?${new URLSearchParams(fields.map((field) => [field, `${DRAWING}${IMAGE}`]))}`);
      await expect(page.getByRole('heading', { level: 1 }), path).toBeVisible();
      await expectHarmless(page);
    }
  });
});

test('hostile names do nothing in a page that follows the ledger by itself', async ({ page, stripe }) => {
  await open(page, `${OVERVIEW}?from=2018-04-05&to=2018-04-06`);
  await untilAwake(page);

  await stripe.tells(hostilePayment('2018-04-05T12:00:00Z', { description: `${SCRIPT}${IMAGE}` }).charged);

  await expect(productTable(page)).toContainText(`${SCRIPT}${IMAGE}`);
  await expectHarmless(page);
});

test('markup that slipped into a page could not run anything either', async ({ page, complaints }) => {
  await open(page, OVERVIEW);

  await page.evaluate(() => {
    const trap = document.createElement('button');
    trap.setAttribute('onclick', 'window.__hit = 1');
    document.body.append(trap);
    trap.click();
  });

  await expect.poll(() => complaints).toContainEqual(expect.stringContaining('Content Security Policy'));
  expect(await page.evaluate(() => window.__hit)).toBeUndefined();
  complaints.length = 0;
});

/** A payment on a quiet day whose payer and product are written by somebody who means harm. */
function hostilePayment(moment, { description, metadata = {} }) {
  return newPayment({
    at: new Date(moment),
    email: `"${IMAGE.replaceAll('"', '')}${randomUUID()}"@example.org`,
    change: (object) => {
      if (object.object !== 'charge') return;
      object.description = description ?? object.description;
      object.metadata = metadata;
      object.billing_details.name = `${SCRIPT}${TURNED}`;
    },
  });
}

/** Makes an API key as the one whose session it is. */
async function makeKey(address, session, name) {
  const answer = await fetch(`${address}/portal/settings/api-keys`, {
    method: 'POST',
    headers: { origin: address, cookie: `session=${session}` },
    body: new URLSearchParams({ form: 'create', name, role: 'viewer', scope: 'read_figures' }),
  });
  expect(answer.status).toBe(200);
}

async function expectHarmless(page) {
  expect(await page.evaluate(() => window.__hit)).toBeUndefined();
  // Our own scripts carry a nonce, and we have no pictures and no handlers.
  await expect(page.locator('img, script:not([nonce]), [onload], [onerror], [onfocus]')).toHaveCount(0);
}
