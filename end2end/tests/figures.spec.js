// Every figure is what its rows add up to, wherever it is shown.

import { daysAgo } from '../days.js';
import {
  CHANNELS,
  channelTable,
  figure,
  inWholeDollars,
  ledgerSum,
  numberIn,
  open,
  OVERVIEW,
  partsTable,
  periodsTable,
  productTable,
  REVENUE,
  valueOf,
} from '../screens.js';
import { expect, test } from '../test.js';

test.describe('figures', { tag: '@plain' }, () => {
  const anyDays = `from=${daysAgo(190)}&to=${daysAgo(120)}`;
  for (const days of ['period=7d', 'period=30d', 'period=90d', 'period=qtd', anyDays]) {
    test(`agree between screens and API over ${days}`, async ({ page, revenue }) => {
      const told = await revenue(days);

      await open(page, `${OVERVIEW}?${days}`);
      await expect(valueOf(figure(page, 'Total revenue'))).toHaveText(inWholeDollars(told.total_revenue));
      const channels = await numbers(channelTable(page).locator('tbody .main-figure'));
      const products = await numbers(productTable(page).locator('tbody .main-figure'));
      const periods = await numbers(periodsTable(page).locator('tbody .main-figure'));
      expect(sum(channels)).toBe(told.total_revenue);
      expect(sum(products)).toBe(told.total_revenue);
      expect(sum(periods)).toBe(told.total_revenue);
      expect(channels).toEqual(told.by_channel.map((channel) => channel.total_revenue));
      expect(await numbers(channelTable(page).locator('tfoot .main-figure'))).toEqual([told.total_revenue]);

      await open(page, `${REVENUE}?${days}`);
      expect(await numbers(ledgerSum(page))).toEqual([told.total_revenue]);
    });
  }

  test('of the channels lead to the rows they are made of', async ({ page, revenue }) => {
    const told = await revenue('period=30d');
    const behind = async (label) => {
      await open(page, `${CHANNELS}?period=30d`);
      await figure(page, label).click();
      await expect(page).toHaveURL(new RegExp(REVENUE));
      return numberIn(await ledgerSum(page).innerText());
    };

    expect(await behind('Total revenue')).toBe(told.total_revenue);
    expect(await behind('Refunds')).toBe(-told.refunds);
    expect(await behind('Best earning channel')).toBe(told.by_channel[0].total_revenue);
    const unknown = told.by_channel.find(({ channel }) => channel === 'unknown');
    expect(await behind('Unknown')).toBe(unknown?.total_revenue ?? 0);
    expect(await behind('Payments')).toBeGreaterThan(0);
    await expect(page.locator('.ledger-sum')).toContainText(` in ${told.payments.toLocaleString('en-US')} rows`);
  });

  for (const [table, screen, find] of [
    ['channels', CHANNELS, partsTable],
    ['products', OVERVIEW, productTable],
    ['periods', OVERVIEW, periodsTable],
  ]) {
    test(`in the table of ${table} lead to rows that add up to them`, async ({ page, request }) => {
      await open(page, `${screen}?period=30d`);
      const links = await find(page)
        .locator('td a')
        .evaluateAll((links) => links.map((link) => ({ text: link.textContent, href: link.getAttribute('href') })));
      expect(links).not.toHaveLength(0);

      const shown = await Promise.all(links.map(({ href }) => ledgerBehind(request, href)));

      const expected = links.map(({ text }) => numberIn(text));
      const found = shown.map(({ sum, rows }, place) => (links[place].text.includes('$') ? sum : rows));
      expect(found).toEqual(expected);
    });
  }

  test('of a column of the chart are those of the ledger behind it', async ({ page, request }) => {
    await open(page, `${OVERVIEW}?period=30d`);
    const columns = await page.locator('.revenue-chart .targets a').evaluateAll((links) =>
      links.map((link) => ({ words: link.querySelector('title').textContent, href: link.getAttribute('href') })),
    );

    for (const { words, href } of columns) {
      const { sum } = await ledgerBehind(request, href);
      expect(words).toContain(`All channels: ${inWholeDollars(sum)}`);
    }
  });
});

/** What the ledger page at this address says: the sum of its rows and their number. */
async function ledgerBehind(request, href) {
  const answer = await request.get(href);
  expect(answer.status(), href).toBe(200);
  const text = (await answer.text()).replaceAll(/<!--.*?-->|<!>/g, '');
  const [, sum, rows] = /class="ledger-sum"><strong>([^<]+)<\/strong><span> in ([\d,]+) rows?</.exec(text);
  return { sum: numberIn(sum), rows: numberIn(rows) };
}

/** Read whether or not they are unfolded. */
async function numbers(cells) {
  return (await cells.allTextContents()).map(numberIn);
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}
