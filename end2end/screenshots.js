import { daysAgo } from './days.js';
import { OVERVIEW, REVENUE } from './screens.js';
import { test } from './test.js';

const SCREENS = {
  overview: OVERVIEW,
  'overview-monthly': `${OVERVIEW}?from=${daysAgo(364)}&to=${daysAgo(0)}&granularity=month`,
  'overview-quiet': `${OVERVIEW}?from=2012-03-01&to=2012-03-02`,
  revenue: REVENUE,
  'revenue-refunds': `${REVENUE}?channel=heyreach&kind=refund`,
  refused: `${OVERVIEW}?from=2026-07-31&to=2026-06-01`,
  'not-found': '/portal/no-such-page',
};

for (const [name, path] of Object.entries(SCREENS)) {
  test(`pictures of ${name}`, async ({ page }) => {
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      for (const width of [1440, 768, 360]) {
        await page.setViewportSize({ width, height: 900 });
        await page.goto(path);
        await page.evaluate(() => document.fonts.ready);
        await page.screenshot({ path: `screenshots/${name}-${width}-${colorScheme}.png`, animations: 'disabled' });
      }
    }
  });
}
