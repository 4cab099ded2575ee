import { daysAgo } from './days.js';
import { addressOf, PLACES, VARIANTS } from './places.js';
import { OVERVIEW, REVENUE } from './screens.js';
import { test } from './test.js';

const SCREENS = {
  ...PLACES,
  ...VARIANTS,
  'overview-monthly': { path: `${OVERVIEW}?from=${daysAgo(364)}&to=${daysAgo(0)}&granularity=month` },
  'overview-quiet': { path: `${OVERVIEW}?from=2012-03-01&to=2012-03-02` },
  'ledger-long': { path: REVENUE },
  'ledger-refunds': { path: `${REVENUE}?channel=heyreach&kind=refund` },
};

for (const [name, place] of Object.entries(SCREENS)) {
  test.describe(name, () => {
    test.use({ who: place.who ?? 'admin' });

    test(`pictures of ${name}`, async ({ page }) => {
      for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme });
        for (const width of [1440, 768, 360]) {
          await page.setViewportSize({ width, height: 900 });
          await page.goto(addressOf(place));
          await page.evaluate(() => document.fonts.ready);
          await page.screenshot({ path: `screenshots/${name}-${width}-${colorScheme}.png`, animations: 'disabled' });
        }
      }
    });
  });
}
