// No rule of axe is broken on any screen, in either theme, at any width.

import AxeBuilder from '@axe-core/playwright';
import { daysAgo } from '../days.js';
import { OVERVIEW, REVENUE } from '../screens.js';
import { expect, test } from '../test.js';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'];

/** Every theme at every width; for screens that differ little from another one, only the far ends. */
const ALL_VIEWS = ['light', 'dark'].flatMap((theme) => [1440, 768, 360].map((width) => ({ theme, width })));
const FAR_ENDS = [
  { theme: 'light', width: 1440 },
  { theme: 'dark', width: 360 },
];

const SCREENS = {
  'the overview': { path: OVERVIEW, views: ALL_VIEWS },
  'the overview with everything unfolded': { path: `${OVERVIEW}?period=30d`, views: FAR_ENDS, unfold: true },
  'the overview of days without money': { path: `${OVERVIEW}?from=2012-03-01&to=2012-03-02`, views: FAR_ENDS },
  'the ledger': { path: `${REVENUE}?from=${daysAgo(2)}&to=${daysAgo(1)}`, views: ALL_VIEWS },
  'the ledger, filtered': { path: `${REVENUE}?channel=heyreach&kind=refund`, views: FAR_ENDS, unfold: true },
  'the page of a wrong question': { path: `${OVERVIEW}?from=2026-07-31&to=2026-06-01`, views: ALL_VIEWS, unfold: true },
  'the page of an unknown address': { path: '/portal/no-such-page', views: ALL_VIEWS },
};

for (const [screen, { path, views, unfold }] of Object.entries(SCREENS)) {
  test(`${screen} breaks no rule of accessibility`, async ({ page }) => {
    await page.goto(path);
    if (unfold) await unfoldEverything(page);

    for (const { theme, width } of views) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 900 });
      expect(await violations(page), `${theme}, ${width} px`).toEqual([]);
    }
  });
}

async function unfoldEverything(page) {
  await page.locator('details').evaluateAll((all) => all.forEach((details) => (details.open = true)));
}

/** What axe found, in one line for each element at fault. */
async function violations(page) {
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target}: ${failureSummary.replaceAll(/\s+/g, ' ')}`),
  );
}
