// Everything works without a mouse.

import { daysAgo } from '../days.js';
import { open, OVERVIEW, REVENUE, untilAwake } from '../screens.js';
import { expect, test } from '../test.js';

const REACHABLE = 'a[href], button, input:not([type=hidden]), select, summary';

test('the first stop is the way past the navigation', async ({ page }) => {
  await open(page, OVERVIEW);

  await page.keyboard.press('Tab');
  const skip = page.getByRole('link', { name: 'Skip to content' });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();

  await page.keyboard.press('Tab');
  await expect(page.getByRole('main').getByRole('link').first()).toBeFocused();
});

for (const [screen, path] of [
  ['the overview', `${OVERVIEW}?period=7d`],
  ['the ledger', `${REVENUE}?from=${daysAgo(121)}&to=${daysAgo(120)}`],
]) {
  test(`every link and field of ${screen} is reached in reading order and shows that it is`, async ({ page }) => {
    await open(page, path);
    const stops = await page.locator(REACHABLE).evaluateAll((all) => {
      const visible = all.filter((element) => element.checkVisibility());
      visible.forEach((element, place) => element.setAttribute('data-stop', place));
      return visible.map((element) => element.outerHTML.slice(0, 120));
    });
    expect(stops.length).toBeGreaterThan(15);

    for (const [place, stop] of stops.entries()) {
      await page.keyboard.press('Tab');
      expect(await focusNow(page), stop).toEqual({ stop: String(place), isShown: true });
    }
  });
}

test('the columns of the chart are links that say what they lead to', async ({ page }) => {
  await open(page, `${OVERVIEW}?period=30d`);
  const columns = page.locator('.revenue-chart .targets a');

  for (const column of await columns.all()) {
    await expect(column).toHaveAccessibleName(/All channels: −?\$[\d,]+/);
  }
  await columns.last().focus();
  await page.keyboard.press('Enter');

  await expect(page).toHaveURL(new RegExp(`${REVENUE}\\?from=[\\d-]+&to=[\\d-]+$`));
});

test('other days are chosen with the keyboard alone', async ({ page }) => {
  await open(page, OVERVIEW);
  const custom = page.locator('.custom-period summary');

  await custom.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('From')).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByLabel('From')).toBeFocused();
  await page.keyboard.type('02032014');
  await page.getByLabel('To', { exact: true }).focus();
  await page.keyboard.type('02092014');
  await page.keyboard.press('Enter');

  await expect(page).toHaveURL(/from=2014-02-03&to=2014-02-09/);
});

test('Escape closes the form of other days and goes back to its button', async ({ page }) => {
  await open(page, OVERVIEW);
  await untilAwake(page);
  const custom = page.locator('.custom-period summary');
  await custom.focus();
  await page.keyboard.press('Enter');
  await page.getByLabel('From').focus();

  await page.keyboard.press('Escape');

  await expect(page.getByLabel('From')).toBeHidden();
  await expect(custom).toBeFocused();
});

/** Which stop has the focus, and whether an eye can tell: by an outline, or by a frame inside a drawing. */
function focusNow(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const frame = element.querySelector('rect');
    const isOutlined = outlineStyle !== 'none' && parseFloat(outlineWidth) > 0;
    const isFramed = element.namespaceURI.endsWith('svg') && getComputedStyle(frame).stroke !== 'none';
    return { stop: element.getAttribute('data-stop'), isShown: isOutlined || isFramed };
  });
}
