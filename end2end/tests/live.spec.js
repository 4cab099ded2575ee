// An open page follows the ledger by itself.

import { signIn, STAFF, stateOf } from '../people.js';
import { AMOUNTS, CHANNEL, newPayment } from '../stripe.js';
import { channelRow, figure, inWholeDollars, open, OVERVIEW, signInOn, untilAwake, valueOf } from '../screens.js';
import { expect, test } from '../test.js';
import { world } from '../world.js';

/** How soon a page follows an acknowledged event. */
const SOON = { timeout: 2_000 };

test('an open page shows a payment within two seconds, without being loaded again', async ({
  page,
  stripe,
  revenue,
}) => {
  await openAwake(page);
  const { total_revenue } = await revenue();

  await stripe.tells(newPayment().charged);

  await expect(valueOf(figure(page, 'Total revenue'))).toHaveText(inWholeDollars(total_revenue + AMOUNTS.paid), SOON);
  await expect(page.locator('[data-live]')).toContainText('Updated just now');
  expect(await isStillTheSamePage(page)).toBe(true);
});

test('a page that follows keeps what the reader has focused, opened and scrolled to', async ({
  page,
  stripe,
  revenue,
}) => {
  await openAwake(page);
  const { total_revenue } = await revenue();
  await page.getByText('Show as table').click();
  const chosen = channelRow(page, CHANNEL.name).locator('.main-figure a');
  await chosen.focus();
  await page.evaluate(() => window.scrollTo(0, 240));
  const shownBefore = await chosen.innerText();

  await stripe.tells(newPayment().charged);

  await expect(valueOf(figure(page, 'Total revenue'))).toHaveText(inWholeDollars(total_revenue + AMOUNTS.paid), SOON);
  await expect(chosen).not.toHaveText(shownBefore);
  await expect(chosen).toBeFocused();
  await expect(page.locator('#periods')).toHaveAttribute('open');
  expect(await page.evaluate(() => window.scrollY)).toBe(240);
  expect(await isStillTheSamePage(page)).toBe(true);
});

test('a page keeps following: several payments, one after the other', async ({ page, stripe, revenue }) => {
  await openAwake(page);
  const { total_revenue } = await revenue();
  const total = valueOf(figure(page, 'Total revenue'));

  for (const count of [1, 2, 3]) {
    await stripe.tells(newPayment().charged);
    await expect(total).toHaveText(inWholeDollars(total_revenue + count * AMOUNTS.paid));
  }
});

test('a page about days long past follows corrections of those days', async ({ page, stripe }) => {
  const at = new Date('2019-05-14T12:00:00Z');
  await openAwake(page, `${OVERVIEW}?from=2019-05-13&to=2019-05-15`);
  const payment = newPayment({ at });

  await stripe.tells(payment.charged);
  await expect(valueOf(figure(page, 'Total revenue'))).toHaveText(inWholeDollars(AMOUNTS.paid), SOON);

  await stripe.tells(payment.firstRefund, payment.secondRefund);
  await expect(valueOf(figure(page, 'Total revenue'))).toHaveText('$0');
});

test('whoever listens is told once that the figures were updated', async ({ page, stripe }) => {
  await openAwake(page);

  await stripe.tells(newPayment().charged);

  await expect(page.locator('[data-live] [aria-live=polite]')).toHaveText(/^Figures updated, as of \d\d:\d\d$/);
});

test('a page nobody looks at catches up as soon as it is looked at again', async ({ page, stripe, revenue }) => {
  await openAwake(page);
  const { total_revenue } = await revenue();
  await hide(page);

  await stripe.tells(newPayment().charged);
  await expect.poll(async () => (await revenue()).total_revenue).toBe(total_revenue + AMOUNTS.paid);
  await show(page);

  await expect(valueOf(figure(page, 'Total revenue'))).toHaveText(inWholeDollars(total_revenue + AMOUNTS.paid), SOON);
});

test('however many pages are open, another one opens too', async ({ context }) => {
  // A browser keeps six connections to a host; pages in the background may not use them up.
  for (let tabs = 0; tabs < 8; tabs += 1) {
    const page = await context.newPage();
    await openAwake(page);
    await hide(page);
  }
});

test('a stream the server ends is taken up again without a word, and nothing is missed', async ({ page, stripe, revenue }) => {
  const { total_revenue } = await revenue();
  await page.addInitScript(noteStates);
  let streams = 0;
  await page.route('**/api/events*', async (route) => {
    streams += 1;
    if (streams > 1) return route.continue();
    await stripe.tells(newPayment().charged);
    const body = 'retry: 100\nevent: hello\ndata: {}\n\n';
    return route.fulfill({ contentType: 'text/event-stream', body });
  });

  await open(page, OVERVIEW);

  await expect.poll(() => streams).toBe(2);
  await expect(page.locator('[data-live]')).toContainText('Updated just now');
  await expect(valueOf(figure(page, 'Total revenue'))).toHaveText(inWholeDollars(total_revenue + AMOUNTS.paid));
  expect(await page.evaluate(() => window.__states)).not.toContain('offline');
});

test.describe('whose session has ended', () => {
  const admin = () => ({ email: STAFF.admin, password: world().password });

  for (const [how, notice] of [
    ['a change of the ledger', ({ stripe }) => stripe.tells(newPayment().charged)],
    ['looking at it again', ({ page }) => hide(page).then(() => show(page))],
  ]) {
    test(`an open page leads to signing in and back, with ${how}`, async ({
      page,
      context,
      stripe,
      baseURL,
      complaints,
    }) => {
      const session = await signIn(admin());
      await context.addCookies(stateOf(session).cookies);
      await openAwake(page, `${OVERVIEW}?period=30d`);

      await endSession(baseURL, session);
      await notice({ page, stripe });

      await expect(page).toHaveURL(/\/login\?next=/);
      // Whoever is signed out hears of no changes.
      const ofStream = `401 for ${baseURL}/api/events`;
      expect(complaints.splice(0).filter((complaint) => !complaint.startsWith(ofStream))).toEqual([]);
      await signInOn(page, admin());
      await expect(page).toHaveURL(/period=30d$/);
      await expect(figure(page, 'Total revenue')).toBeVisible();
    });
  }
});

/** Runs in the page: keeps what the pill has said of the figures. */
function noteStates() {
  window.__states = [];
  new MutationObserver((changes) => {
    window.__states.push(...changes.map(({ target }) => target.dataset.state));
  }).observe(document, { subtree: true, attributeFilter: ['data-state'] });
}

/** Signs a browser out behind its back, as another one of the same person does. */
async function endSession(address, session) {
  const answer = await fetch(`${address}/logout`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: address, cookie: `session=${session}` },
    body: new URLSearchParams({ form: 'sign_out' }),
  });
  expect(answer.status).toBe(303);
}

/** Puts a page in the background, as it is told; the browser of a test believes every page to be in front. */
function hide(page) {
  return page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
}

function show(page) {
  return page.evaluate(() => {
    delete document.visibilityState;
    document.dispatchEvent(new Event('visibilitychange'));
  });
}

/** Opens a page and marks it, so that loading it again would show. */
async function openAwake(page, path = OVERVIEW) {
  await open(page, path);
  await untilAwake(page);
  await expect(page.locator('[data-live]')).toHaveAttribute('data-state', 'live');
  await page.evaluate(() => (window.__mark = true));
}

function isStillTheSamePage(page) {
  return page.evaluate(() => window.__mark === true);
}
