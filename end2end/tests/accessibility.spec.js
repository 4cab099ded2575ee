// No rule of axe is broken on any screen, in either theme, at any width.

import AxeBuilder from '@axe-core/playwright';
import { newOwner, stateOf } from '../people.js';
import { addressOf, PLACES, placesByVisitor, VARIANTS } from '../places.js';
import { OVERVIEW, REVENUE, signInOn } from '../screens.js';
import { expect, test } from '../test.js';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'];

/** Every theme at every width; for pages that differ little from another one, only the far ends. */
const ALL_VIEWS = ['light', 'dark'].flatMap((theme) => [1440, 768, 360].map((width) => ({ theme, width })));
const FAR_ENDS = [
  { theme: 'light', width: 1440 },
  { theme: 'dark', width: 360 },
];

const SCREENS = {
  'the overview': { path: OVERVIEW, views: ALL_VIEWS, isFolded: true },
  'the overview of 30 days': { path: `${OVERVIEW}?period=30d` },
  'the overview of days without money': { path: `${OVERVIEW}?from=2012-03-01&to=2012-03-02` },
  'the ledger': { ...PLACES.ledger, views: ALL_VIEWS, isFolded: true },
  'the ledger, filtered': { path: `${REVENUE}?channel=heyreach&kind=refund` },
  'a sign-in that was refused': { ...PLACES['sign-in'], before: beRefused },
  'settings that were refused': { ...PLACES.workspace, before: mistypeSettings },
  'a key that is shown once': { ...PLACES['api-keys'], who: 'nobody', before: makeKey },
};

for (const [screen, place] of Object.entries(SCREENS)) {
  test.describe(screen, () => {
    test.use({ who: place.who ?? 'admin' });

    test(`${screen} breaks no rule of accessibility`, async ({ page }) => {
      await page.goto(addressOf(place));
      await place.before?.(page);
      if (!place.isFolded) await unfoldEverything(page);
      await expectNoViolations(page, place.views ?? FAR_ENDS);
    });
  });
}

for (const [who, places] of placesByVisitor({ ...PLACES, ...VARIANTS })) {
  test.describe(who, () => {
    test.use({ who });

    test(`no page ${who} sees breaks a rule of accessibility`, async ({ page }) => {
      // There are many pages, each looked at four ways.
      test.setTimeout(300_000);
      for (const place of places) {
        await page.goto(addressOf(place));
        await unfoldEverything(page);
        await expectNoViolations(page, FAR_ENDS, place.name);
      }
    });
  });
}

async function expectNoViolations(page, views, where = '') {
  for (const { theme, width } of views) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 900 });
    expect(await violations(page), `${where} ${theme}, ${width} px`).toEqual([]);
  }
}

async function beRefused(page) {
  await signInOn(page, { email: 'nobody@example.org', password: 'not the password' });
  await expect(page.getByRole('alert')).toBeVisible();
}

async function makeKey(page) {
  await page.context().addCookies(stateOf((await newOwner()).session).cookies);
  await page.goto(PLACES['api-keys'].path);
  await page.getByLabel('Name', { exact: true }).fill('Nightly report');
  await page.getByRole('button', { name: 'Make the key' }).click();
  await expect(page.getByLabel('API key', { exact: true })).toBeVisible();
}

async function mistypeSettings(page) {
  await page.getByLabel('Gross margin').fill('much');
  await page.getByRole('button', { name: 'Save settings' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
}

async function unfoldEverything(page) {
  await page.locator('details').evaluateAll((all) => all.forEach((details) => (details.open = true)));
}

/** What axe found, in one line for each element at fault. The way that looks into frames takes twice as long. */
async function violations(page) {
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).setLegacyMode().analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target}: ${failureSummary.replaceAll(/\s+/g, ' ')}`),
  );
}
