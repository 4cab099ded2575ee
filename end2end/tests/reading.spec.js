// What a reader sees and may press; the same with script and without.

import {
  channelTable,
  chart,
  figure,
  ledger,
  ledgerSum,
  numberIn,
  open,
  OVERVIEW,
  periodsTable,
  productTable,
  REVENUE,
  valueOf,
} from '../screens.js';
import { daysAgo } from '../days.js';
import { expect, test } from '../test.js';

/** Days in the middle of the demo's year, that no link offers. */
const DAYS = { from: daysAgo(190), to: daysAgo(120) };

test.describe('the overview', { tag: '@plain' }, () => {
  test('asks its question and answers it in a sentence, figures, a chart and tables', async ({ page }) => {
    await open(page, OVERVIEW);

    await expect(page).toHaveTitle('Overview · Command Center');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Which channel actually makes money?');
    await expect(page.locator('#answer')).toHaveText(/ brings in the most, \$[\d,]+ | returns most on what it costs, /);
    for (const label of ['Total revenue', 'MRR', 'Blended CAC', 'Best channel', 'Pipeline value']) {
      await expect(valueOf(figure(page, label)), label).toHaveText(/\S/);
    }
    await expect(chart(page)).toBeVisible();
    await expect(chart(page)).toHaveAccessibleDescription(/The same numbers are in the table below/);
    await expect(channelTable(page).getByRole('columnheader')).toContainText(['Channel', 'Leads', 'Qualified']);
    await expect(productTable(page).locator('tbody tr')).not.toHaveCount(0);
  });

  test('is also at the root', async ({ page }) => {
    await open(page, '/');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Which channel actually makes money?');
  });

  test('unfolds the numbers of the chart as a table', async ({ page }) => {
    await open(page, OVERVIEW);
    await expect(periodsTable(page)).toBeHidden();

    await page.getByText('Show as table').click();

    await expect(periodsTable(page)).toBeVisible();
    const columns = await page.locator('.revenue-chart .targets a').count();
    await expect(periodsTable(page).locator('tbody tr')).toHaveCount(columns);
  });

  test('says which period and which columns are chosen, and changes one without the other', async ({ page }) => {
    await open(page, OVERVIEW);
    const period = page.getByRole('group', { name: 'Period' });
    const columns = page.getByRole('group', { name: 'One column is' });
    await expect(period.getByRole('link', { name: 'Last 90 days' })).toHaveAttribute('aria-current', 'true');
    await expect(columns.getByRole('link', { name: 'Weekly' })).toHaveAttribute('aria-current', 'true');

    await columns.getByRole('link', { name: 'Monthly' }).click();
    await expect(page).toHaveURL(/granularity=month/);
    await expect(chart(page)).toHaveAccessibleName('Revenue by channel, monthly');

    await period.getByRole('link', { name: 'Quarter to date' }).click();
    await expect(page).toHaveURL(/period=qtd/);
    await expect(page).toHaveURL(/granularity=month/);
    await expect(columns.getByRole('link', { name: 'Monthly' })).toHaveAttribute('aria-current', 'true');

    await columns.getByRole('link', { name: 'Weekly' }).click();
    await expect(page).toHaveURL(/period=qtd/);
    await expect(period.getByRole('link', { name: 'Quarter to date' })).toHaveAttribute('aria-current', 'true');
  });

  test('shows any other days through a form, and they survive going to the ledger and back', async ({ page }) => {
    await open(page, `${OVERVIEW}?granularity=month`);

    await page.getByText('Custom', { exact: true }).click();
    await page.getByLabel('From').fill(DAYS.from);
    await page.getByLabel('To', { exact: true }).fill(DAYS.to);
    await page.getByRole('button', { name: 'Show these days' }).click();

    await expectDays(page);
    await expect(page).toHaveURL(/granularity=month/);
    await expect(chart(page)).toHaveAccessibleName('Revenue by channel, monthly');

    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Revenue', exact: true }).click();
    await expect(page).toHaveURL(new RegExp(REVENUE));
    await expectDays(page);

    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Overview' }).click();
    await expect(page).toHaveURL(new RegExp(OVERVIEW));
    await expectDays(page);
  });

  for (const [how, query, message] of [
    ['no dates at all', 'from=yesterday&to=2026-07-31', /from/i],
    ['days in the wrong order', 'from=2026-07-31&to=2026-06-01', /from must not be after to/i],
    ['only one of the two dates', 'from=2026-06-01', /from needs to beside it/i],
    ['a period nobody knows', 'period=forever', /period is 7d, 30d, 90d or qtd/i],
    ['columns nobody knows', 'granularity=hour', /granularity is/i],
  ]) {
    test(`keeps its page and says what is wrong with ${how}`, async ({ page }) => {
      const answer = await page.goto(`${OVERVIEW}?${query}`);

      expect(answer.status()).toBe(400);
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('Which channel actually makes money?');
      await expect(page.getByRole('alert')).toHaveText(message);
      await page.getByRole('link', { name: 'Last 30 days' }).click();
      await expect(chart(page)).toBeVisible();
    });
  }

  test('gives wrong dates back to be corrected', async ({ page }) => {
    await page.goto(`${OVERVIEW}?from=2026-07-31&to=2026-06-01`);

    await page.getByText('Custom', { exact: true }).click();
    await expect(page.getByLabel('From')).toHaveValue('2026-07-31');
    await expect(page.getByLabel('To', { exact: true })).toHaveValue('2026-06-01');
    await page.getByLabel('From').fill('2026-05-01');
    await page.getByRole('button', { name: 'Show these days' }).click();

    await expect(page.getByRole('alert')).toHaveCount(0);
    await expect(page).toHaveURL(/from=2026-05-01&to=2026-06-01/);
  });

  test('offers a longer period where no money moved', async ({ page }) => {
    await open(page, `${OVERVIEW}?from=2012-03-01&to=2012-03-02`);

    await expect(page.getByRole('heading', { name: 'No money moved in these days' })).toBeVisible();
    await page.getByRole('link', { name: 'Look at the last 30 days' }).click();
    await expect(chart(page)).toBeVisible();
  });
});

test.describe('the ledger', { tag: '@plain' }, () => {
  test('says what it shows, what it adds up to and how each row came about', async ({ page }) => {
    await open(page, REVENUE);

    await expect(page).toHaveTitle('Revenue · Command Center');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Revenue');
    await expect(page.locator('#filter')).toHaveText(/^All rows of the ledger, /);
    await expect(ledgerSum(page)).toHaveText(/^\$[\d,]+\.\d\d$/);
    await expect(ledger(page).getByRole('columnheader')).toHaveText([
      'When',
      'Kind',
      'Customer',
      'Product',
      'Channel',
      'Amount',
      'In USD',
      'Stripe',
    ]);
    await expect(ledger(page).locator('tbody tr[id]')).toHaveCount(100);
  });

  test('is filtered by channel and kind, and shown whole again', async ({ page }) => {
    await open(page, `${REVENUE}?period=90d`);
    await page.getByLabel('Channel').selectOption('HeyReach');
    await page.getByLabel('Kind').selectOption('Refund');
    await page.getByRole('button', { name: 'Show', exact: true }).click();

    await expect(page).toHaveURL(/period=90d/);
    await expect(page).toHaveURL(/channel=heyreach/);
    await expect(page).toHaveURL(/kind=refund/);
    await expect(page.locator('#filter')).toHaveText(/^Refunds credited to HeyReach, /);
    await expect(page.getByLabel('Channel')).toHaveValue('heyreach');
    await expect(page.getByLabel('Kind')).toHaveValue('refund');
    const rows = ledger(page).locator('tbody tr');
    await expect(rows).not.toHaveCount(0);
    await expect(rows.filter({ hasNotText: 'Refund' })).toHaveCount(0);
    await expect(rows.filter({ hasNotText: 'HeyReach' })).toHaveCount(0);

    await page.getByRole('link', { name: 'Show every row' }).click();
    await expect(page).not.toHaveURL(/channel=|kind=/);
    await expect(page).toHaveURL(/period=90d/);
  });

  test('goes on to older rows with the same filter, without repeating any', async ({ page }) => {
    await open(page, `${REVENUE}?period=90d&kind=payment`);
    const times = ledger(page).locator('time');
    const sum = await ledgerSum(page).innerText();
    const last = await times.last().getAttribute('datetime');

    await page.getByRole('link', { name: 'Older rows' }).click();

    await expect(page).toHaveURL(/cursor=/);
    await expect(page).toHaveURL(/kind=payment/);
    await expect(ledgerSum(page)).toHaveText(sum);
    const first = await times.first().getAttribute('datetime');
    expect(Date.parse(first)).toBeLessThanOrEqual(Date.parse(last));
  });

  test('adds up row by row to the sum above it', async ({ page }) => {
    await open(page, `${REVENUE}?period=30d`);
    const sum = numberIn(await ledgerSum(page).innerText());
    const older = page.getByRole('link', { name: 'Older rows' });

    let added = 0;
    for (;;) {
      const amounts = await ledger(page).locator('td[data-label="In USD"]').allInnerTexts();
      added += amounts.map(numberIn).reduce((total, amount) => total + amount, 0);
      if ((await older.count()) === 0) break;
      await open(page, await older.getAttribute('href'));
    }

    expect(added).toBe(sum);
  });

  test('keeps its page and says what is wrong with a filter', async ({ page }) => {
    const answer = await page.goto(`${REVENUE}?kind=gift`);

    expect(answer.status()).toBe(400);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Revenue');
    await expect(page.getByRole('alert')).toHaveText(/kind is one or more of/i);
  });

  test('says so when no row matches', async ({ page }) => {
    await open(page, `${REVENUE}?from=2012-03-01&to=2012-03-02`);
    await expect(page.getByText('No row of the ledger matches.')).toBeVisible();
    await expect(ledgerSum(page)).toHaveText('$0.00');
  });
});

test.describe('an address that leads nowhere', { tag: '@plain' }, () => {
  for (const path of ['/portal/no-such-page', `${OVERVIEW}?tenant_id=00000000-0000-4000-8000-000000000000`]) {
    test(`is told calmly, with the way home: ${path}`, async ({ page }) => {
      const answer = await page.goto(path);

      expect(answer.status()).toBe(404);
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('There is nothing at this address');
      await expect(page.getByRole('navigation', { name: 'Pages' })).toBeVisible();
      await page.getByRole('link', { name: 'Go to the overview' }).click();
      await expect(page).toHaveURL(new RegExp(`${OVERVIEW}$`));
    });
  }
});

/** The page is about the days typed, and its form says so. */
async function expectDays(page) {
  await expect(page).toHaveURL(new RegExp(`from=${DAYS.from}&to=${DAYS.to}`));
  await expect(page.locator('.custom-period')).toHaveAttribute('data-chosen', 'true');
  await expect(page.locator('.custom-period input[name=from]')).toHaveValue(DAYS.from);
  await expect(page.locator('.custom-period input[name=to]')).toHaveValue(DAYS.to);
}
