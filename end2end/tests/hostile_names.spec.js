// What strangers write into Stripe is text, wherever it is shown.

import { randomUUID } from 'node:crypto';
import { newPayment } from '../stripe.js';
import { ledger, ledgerRows, open, OVERVIEW, productTable, REVENUE, untilAwake } from '../screens.js';
import { expect, test } from '../test.js';

const SCRIPT = '<script>window.__hit=1</script>';
const IMAGE = `"'><img src=x onerror="window.__hit=1">`;
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

async function expectHarmless(page) {
  expect(await page.evaluate(() => window.__hit)).toBeUndefined();
  // Our own scripts carry a nonce, and we have no pictures.
  await expect(page.locator('img, script:not([nonce])')).toHaveCount(0);
}
