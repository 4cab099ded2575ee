// The main job: a signed payment becomes a figure.

import { AMOUNTS, CHANNEL, deliver, newPayment, PRODUCT, sign } from '../stripe.js';
import {
  CHANNELS,
  channelRow,
  figure,
  inDollars,
  inWholeDollars,
  ledgerRows,
  numberIn,
  open,
  OVERVIEW,
  periodsTable,
  productTable,
  REVENUE,
  valueOf,
} from '../screens.js';
import { expect, test } from '../test.js';

/** How soon a figure follows an acknowledged event. */
const SOON = { timeout: 2_000, intervals: [50] };

/** An event that is known to be counted last: once it shows, what came before it has had its chance. */
async function untilCounted(revenue, expected) {
  await expect.poll(async () => (await revenue()).total_revenue, SOON).toBe(expected);
}

test.describe('a payment', { tag: '@plain' }, () => {
  test('is a row of the ledger and part of every figure within two seconds', async ({ page, stripe, revenue }) => {
    const before = await revenue();
    const payment = newPayment();

    await stripe.tells(payment.charged);
    await untilCounted(revenue, before.total_revenue + AMOUNTS.paid);

    await open(page, REVENUE);
    const row = ledgerRows(page, payment.email);
    await expect(row).toHaveCount(1);
    await expect(row).toContainText('Payment');
    await expect(row).toContainText(inDollars(AMOUNTS.paid));
    await expect(row).toContainText(CHANNEL.name);
    await expect(row).toContainText(`metadata gtm_channel=${CHANNEL.slug}`);
    await expect(row).toContainText(PRODUCT);

    await open(page, OVERVIEW);
    await expect(valueOf(figure(page, 'Total revenue'))).toHaveText(
      inWholeDollars(before.total_revenue + AMOUNTS.paid),
    );
    await open(page, CHANNELS);
    await expect(valueOf(figure(page, 'Payments'))).toHaveText(String(before.payments + 1));
  });

  test('makes its channel, its product and the column of today grow', async ({ page, stripe, revenue }) => {
    const shown = async () => {
      await open(page, OVERVIEW);
      return {
        channel: await total(channelRow(page, CHANNEL.name)),
        product: await total(productTable(page).getByRole('row').filter({ hasText: PRODUCT })),
        today: await total(periodsTable(page).locator('tbody tr:last-child')),
        bar: await channelInLastBar(page),
      };
    };
    const before = await shown();
    const { total_revenue } = await revenue();

    await stripe.tells(newPayment().charged);
    await untilCounted(revenue, total_revenue + AMOUNTS.paid);

    const after = await shown();
    expect(after).toEqual({
      channel: before.channel + AMOUNTS.paid,
      product: before.product + AMOUNTS.paid,
      today: before.today + AMOUNTS.paid,
      bar: before.bar + AMOUNTS.paid,
    });
  });

  test('is counted once, however many of its objects Stripe tells of', async ({ page, stripe, revenue }) => {
    const before = await revenue();
    const payment = newPayment();

    await stripe.tells(payment.checkoutCompleted, payment.intentSucceeded, payment.charged);
    const fence = newPayment();
    await stripe.tells(fence.charged);

    await untilCounted(revenue, before.total_revenue + 2 * AMOUNTS.paid);
    await open(page, REVENUE);
    await expect(ledgerRows(page, payment.email)).toHaveCount(1);
  });

  test('goes down by exactly what is refunded', async ({ page, stripe, revenue }) => {
    const before = await revenue();
    const payment = newPayment();

    await stripe.tells(payment.charged, payment.firstRefund);
    await untilCounted(revenue, before.total_revenue + AMOUNTS.paid - AMOUNTS.firstRefund);

    await open(page, `${REVENUE}?kind=refund`);
    await expect(ledgerRows(page, payment.email)).toContainText(inDollars(-AMOUNTS.firstRefund));
    await open(page, CHANNELS);
    await expect(valueOf(figure(page, 'Refunds'))).toHaveText(
      inWholeDollars(before.refunds + AMOUNTS.firstRefund),
    );

    await stripe.tells(payment.secondRefund);
    await untilCounted(revenue, before.total_revenue);
    await page.reload();
    await expect(valueOf(figure(page, 'Total revenue'))).toHaveText(inWholeDollars(before.total_revenue));
  });

  test('delivered again is acknowledged as a duplicate and changes nothing', async ({
    page,
    request,
    stripe,
    revenue,
  }) => {
    const before = await revenue();
    const payment = newPayment();

    const first = await deliver(request, payment.charged);
    const again = await deliver(request, payment.charged);
    await stripe.tells(newPayment().charged);

    expect(await first.json()).toMatchObject({ received: true, duplicate: false });
    expect(again.status()).toBe(200);
    expect(await again.json()).toMatchObject({ received: true, duplicate: true });
    await untilCounted(revenue, before.total_revenue + 2 * AMOUNTS.paid);
    await open(page, REVENUE);
    await expect(ledgerRows(page, payment.email)).toHaveCount(1);
  });

  test('nobody signed is refused and changes nothing', async ({ page, request, stripe, revenue }) => {
    const before = await revenue();
    const { email, charged } = newPayment();
    const sixMinutesAgo = Math.floor(Date.now() / 1000) - 360;
    const forged = {
      'with another secret': sign(charged, { secret: 'whsec_another' }),
      'for another body': sign(newPayment().charged),
      'too long ago': sign(charged, { timestamp: sixMinutesAgo }),
      'not at all': '',
    };

    for (const [how, signature] of Object.entries(forged)) {
      const answer = await deliver(request, charged, signature);
      expect(answer.status(), `signed ${how}`).toBe(400);
      expect((await answer.json()).error.code).toBe('invalid_signature');
    }
    await stripe.tells(newPayment().charged);

    await untilCounted(revenue, before.total_revenue + AMOUNTS.paid);
    await open(page, REVENUE);
    await expect(ledgerRows(page, email)).toHaveCount(0);
  });
});

/** The main figures of some rows, added up. */
async function total(rows) {
  const figures = await rows.locator('.main-figure').allTextContents();
  return figures.map(numberIn).reduce((total, figure) => total + figure, 0);
}

/** What the last bar of the chart says of the channel, in cents. */
async function channelInLastBar(page) {
  const words = await page.locator('.revenue-chart .targets a title').last().textContent();
  return numberIn(new RegExp(`^${CHANNEL.name}: (.*)$`, 'm').exec(words)[1]);
}
