// Pages fit their window, show what matters first, and stay put while they load.

import { addressOf, PLACES, placesByVisitor, VARIANTS } from '../places.js';
import { channelTable, chart, open, OVERVIEW, REVENUE } from '../screens.js';
import { expect, test } from '../test.js';

const WIDTHS = [1440, 1024, 768, 360];

for (const [who, places] of placesByVisitor({ ...PLACES, ...VARIANTS })) {
  test.describe(who, () => {
    test.use({ who });

    test(`no page ${who} sees scrolls sideways`, async ({ page }) => {
      for (const place of places) {
        await page.goto(addressOf(place));
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 900 });
          expect(await sidewaysRoom(page), `${place.name}, ${width} px`).toBe(0);
          expect(await tooWideUnfolded(page), `${place.name}, ${width} px, with something unfolded`).toEqual([]);
        }
      }
    });
  });
}

test('the first screen of a laptop holds figures, chart and the head of the channel table', async ({ page }) => {
  await open(page, OVERVIEW);

  for (const [part, locator] of [
    ['the figures', page.getByRole('region', { name: 'Key figures' })],
    ['the chart', chart(page)],
    ['the head of the channel table', channelTable(page).locator('thead')],
  ]) {
    const { y, height } = await locator.boundingBox();
    expect(y + height, part).toBeLessThanOrEqual(900);
  }
});

/** A tenth of what counts as good; the fallback font is not exactly as wide. */
const LATE_FONT_SHIFT = 0.01;

for (const [screen, path] of [
  ['the overview', OVERVIEW],
  ['the ledger', REVENUE],
]) {
  for (const width of [1440, 768, 360]) {
    test(`nothing moves while ${screen} loads and wakes up, at ${width} px`, async ({ page }) => {
      expect(await shiftsWhileLoading(page, path, width)).toEqual([]);
    });

    test(`a font that comes late moves next to nothing of ${screen}, at ${width} px`, async ({ page }) => {
      await page.route('**/*.woff2', async (route) => {
        await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0);
        await route.continue();
      });

      const shifts = await shiftsWhileLoading(page, path, width);

      expect(shifts.reduce((sum, { value }) => sum + value, 0)).toBeLessThan(LATE_FONT_SHIFT);
    });
  }
}

test('a chart keeps the size of its text at every width', async ({ page }) => {
  await open(page, OVERVIEW);
  // A font that comes late is not as high as the one before it.
  await untilPainted(page);
  const sizeOfLabels = () =>
    page
      .locator('.revenue-chart text')
      .first()
      .evaluate((text) => text.getBoundingClientRect().height);
  const wide = await sizeOfLabels();

  await page.setViewportSize({ width: 360, height: 900 });

  expect(await sizeOfLabels()).toBeCloseTo(wide, 1);
});

/** By how many pixels the page can be scrolled sideways. */
function sidewaysRoom(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** What makes the page scroll sideways when it is unfolded; all is folded again. */
function tooWideUnfolded(page) {
  return page.locator('details').evaluateAll((all) => {
    const { documentElement } = document;
    const isTooWide = (details) => {
      const wasOpen = details.open;
      details.open = true;
      const isWider = documentElement.scrollWidth > documentElement.clientWidth;
      details.open = wasOpen;
      return isWider;
    };
    return all.filter(isTooWide).map((details) => details.outerHTML.slice(0, 120));
  });
}

/** Runs in the page: keeps what moved, from where to where. */
function noteShifts() {
  window.__shifts = [];
  const place = ({ x, y, width, height }) => `${x},${y} ${width}×${height}`;
  new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries()) {
      const moved = sources.map(({ node, previousRect, currentRect }) => {
        const name = node?.outerHTML?.slice(0, 60) ?? node?.textContent;
        return `${name}: ${place(previousRect)} → ${place(currentRect)}`;
      });
      window.__shifts.push({ value, moved });
    }
  }).observe({ type: 'layout-shift', buffered: true });
}

/** Until fonts are there and two frames have been drawn with them. */
function untilPainted(page) {
  return page.evaluate(async () => {
    await document.fonts.ready;
    await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
  });
}

async function shiftsWhileLoading(page, path, width) {
  await page.setViewportSize({ width, height: 900 });
  await page.addInitScript(noteShifts);
  await open(page, path);
  if (path === OVERVIEW) await expect(page.locator('[data-state=live]')).toBeVisible();
  await untilPainted(page);
  return page.evaluate(() => window.__shifts);
}
