// Channels as a workspace keeps them: rules foreseen before they are saved, the queue of the unknown, files from a page.

import { newPayment } from '../stripe.js';
import { open } from '../screens.js';
import { expect, test } from '../test.js';

const RULES = '/portal/settings/channels';
const UNKNOWN = '/portal/unknown';
const IMPORT = '/portal/import';

/** How soon a figure follows what somebody said. */
const SOON = { timeout: 5_000, intervals: [100] };

/** A payment whose metadata names no channel, but this source. */
function paidFrom(source) {
  return newPayment({
    change: (object) => {
      if (object.metadata) object.metadata = { utm_source: source };
    },
  });
}

/** A name nobody has used. */
function anyName() {
  return `e2e-${Math.random().toString(36).slice(2, 10)}`;
}

/** Reloads a page until somebody is on it, or no longer. */
async function untilListed(page, path, text, count) {
  await expect
    .poll(async () => {
      await open(page, path);
      return page.getByRole('row').filter({ hasText: text }).count();
    }, SOON)
    .toBe(count);
}

test.describe('channels', { tag: '@plain' }, () => {
  test('what is unknown becomes a rule, which shows first what it would change', async ({ page, stripe }) => {
    const source = anyName();
    const payment = paidFrom(source);
    await stripe.tells(payment.charged);
    await untilListed(page, UNKNOWN, payment.email, 1);

    const row = page.getByRole('row').filter({ hasText: payment.email });
    await row.getByRole('link', { name: `Make a rule of utm_source: ${source}` }).click();
    await expect(page.getByLabel('What', { exact: true })).toHaveValue(source);
    await page.getByLabel('Means').selectOption('LinkedIn');
    await page.getByRole('button', { name: 'See what it would change' }).click();
    await expect(page.getByRole('heading', { name: 'What this rule would change' })).toBeVisible();
    await expect(page.getByRole('row').filter({ hasText: 'LinkedIn' })).toContainText('$499.00');
    await page.getByRole('button', { name: 'Save this rule' }).click();
    await expect(page.getByRole('status')).toContainText('The rule counts.');
    await untilListed(page, UNKNOWN, payment.email, 0);

    await open(page, RULES);
    await page.getByRole('link', { name: `Delete… the rule utm_source is ${source}` }).click();
    await expect(page.getByRole('heading', { name: 'What deleting this rule would change' })).toBeVisible();
    await page.getByRole('button', { name: 'Delete this rule' }).click();
    await expect(page.getByRole('status')).toContainText('The rule is gone.');
    await untilListed(page, UNKNOWN, payment.email, 1);
  });

  test('what is unknown is credited by hand, and that is undone', async ({ page, stripe }) => {
    const payment = paidFrom(anyName());
    await stripe.tells(payment.charged);
    await untilListed(page, UNKNOWN, payment.email, 1);

    const row = page.getByRole('row').filter({ hasText: payment.email });
    await row.locator('summary').click();
    await row.getByLabel('Channel').selectOption('Referral');
    await row.getByLabel('Why').fill('she told us');
    await row.getByRole('button', { name: 'Credit it' }).click();
    await expect(page.getByRole('heading', { name: /^Credited to Referral/ })).toBeVisible();
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(page.getByRole('status')).toContainText('taken back');
    await untilListed(page, UNKNOWN, payment.email, 1);
  });

  test('a channel is added, and goes again while nothing is credited to it', async ({ page }) => {
    const name = anyName();
    await open(page, RULES);
    const add = page.getByRole('region', { name: 'Add a channel' });
    await add.getByLabel('Name', { exact: true }).fill(name);
    await add.getByLabel('Short name').fill(name);
    await add.getByRole('button', { name: 'Add' }).click();
    await expect(page.getByRole('status')).toContainText('The channel is there');
    const row = page.getByRole('listitem').filter({ hasText: name }).first();
    await row.locator('summary').click();
    await row.getByRole('button', { name: 'Delete it' }).click();
    await expect(page.getByRole('status')).toHaveText('The channel is deleted.');
  });

  test('a file is sent, checked, brought in and taken out again', async ({ page }) => {
    const name = anyName();
    const text = `E-mail,Full name,Shoe size\n${name}@example.org,${name},38\nnobody,Nobody,39\n`;
    await open(page, IMPORT);
    await page.locator('#send-file').setInputFiles({ name: `${name}.csv`, mimeType: 'text/csv', buffer: Buffer.from(text) });
    await page.getByRole('button', { name: 'Send it' }).click();
    await expect(page.getByLabel('E-mail')).toHaveValue('email');
    await expect(page.getByLabel('Shoe size')).toHaveValue('');
    await page.getByRole('button', { name: 'Check every row' }).click();
    await untilRead(page);
    await expect(page.getByText(/^2 rows read, nothing kept yet: 1 new/)).toBeVisible();
    await expect(page.getByRole('link', { name: 'Download all of them' })).toBeVisible();
    await page.getByRole('button', { name: 'Bring these rows in' }).click();
    await untilRead(page);
    await expect(page.getByText(/^2 rows brought in: 1 new/)).toBeVisible();
    const batch = page.getByRole('listitem').filter({ hasText: `${name}.csv` });
    await batch.locator('summary').click();
    await batch.getByRole('button', { name: 'Undo it' }).click();
    await expect(page.getByRole('status').first()).toContainText('taken out');
  });
});

/** Looks again until the file is no longer read. */
async function untilRead(page) {
  const again = page.getByRole('link', { name: 'See how far it has come' });
  for (let look = 0; look < 50 && (await again.count()) > 0; look += 1) {
    await again.click();
  }
}
