// Everything works without a mouse.

import { daysAgo } from '../days.js';
import { newOwner, newPerson, stateOf } from '../people.js';
import { addressOf, PLACES, placesByVisitor } from '../places.js';
import { CUSTOMERS, LEADS, open, OVERVIEW, REVENUE, untilAwake } from '../screens.js';
import { expect, test } from '../test.js';

const REACHABLE = 'a[href], button, input:not([type=hidden]), select, summary, textarea';

/** Fewer figures, so that there are fewer stops. */
const SCREENS = {
  ...PLACES,
  root: { path: '/?period=7d' },
  overview: { path: `${OVERVIEW}?period=7d` },
  ledger: { path: `${REVENUE}?from=${daysAgo(121)}&to=${daysAgo(120)}` },
  events: { path: '/portal/events?type=refund.' },
  leads: { path: `${LEADS}?q=nobody-at-all` },
  customers: { path: `${CUSTOMERS}?q=nobody-at-all` },
  costs: { path: '/portal/costs?channel=nobody' },
};

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

for (const [who, places] of placesByVisitor(SCREENS)) {
  test.describe(who, () => {
    test.use({ who });

    test(`every link and field ${who} sees is reached in reading order and shows that it is`, async ({ page }) => {
      test.setTimeout(240_000);
      for (const place of places) {
        await page.goto(addressOf(place));
        const stops = await page.locator(REACHABLE).evaluateAll((all) => {
          // Of buttons of one choice, only the chosen one is a stop.
          const isChoice = (element) => element.type === 'radio' && !element.checked;
          const visible = all.filter((element) => element.checkVisibility() && !isChoice(element));
          visible.forEach((element, place) => element.setAttribute('data-stop', place));
          return visible.map((element) => element.outerHTML.slice(0, 120));
        });
        const isFramed = (await page.getByRole('navigation').count()) > 0;
        expect(stops[0].includes('Skip to content'), place.name).toBe(isFramed);

        for (const [stop, element] of stops.entries()) {
          await goOn(page);
          expect(await focusNow(page), `${place.name}: ${element}`).toEqual({ stop: String(stop), isShown: true });
        }
      }
    });
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

test.describe('without a mouse', { tag: '@plain' }, () => {
  test.use({ who: 'nobody' });

  test('a stranger makes an account, invites a colleague, and the colleague joins', async ({ page, anotherBrowser }) => {
    const [owner, colleague] = [newPerson(), newPerson()];
    await open(page, '/login');
    await tabTo(page, page.getByRole('link', { name: 'Make one' }));
    await enterTo(page, '/signup');
    await type(page, page.getByLabel('Company'), owner.company);
    await type(page, page.getByLabel('Your name'), owner.name);
    await type(page, page.getByLabel('E-mail'), owner.email);
    await type(page, page.getByLabel('Password'), owner.password);
    await enterTo(page, '/login?done=account-made');
    await type(page, page.getByLabel('E-mail'), owner.email);
    await type(page, page.getByLabel('Password'), owner.password);
    await enterTo(page, OVERVIEW);

    await tabTo(page, page.getByRole('link', { name: 'Members' }));
    await enterTo(page, '/portal/settings/members');
    await type(page, page.getByLabel('E-mail'), colleague.email);
    await page.keyboard.press('Tab');
    await page.keyboard.type('Op');
    await press(page, page.getByRole('button', { name: 'Invite', exact: true }));
    const link = page.getByLabel('Link to pass on');
    await tabTo(page, link);
    const { pathname, search } = new URL(await link.inputValue());

    const theirs = await anotherBrowser();
    await open(theirs, pathname + search);
    await type(theirs, theirs.getByLabel('Your name'), colleague.name);
    await type(theirs, theirs.getByLabel('Choose a password'), colleague.password);
    await tabTo(theirs, theirs.getByRole('button', { name: 'Join' }));
    await enterTo(theirs, `${OVERVIEW}?done=joined`);
    await expect(theirs.locator('.side-foot')).toContainText('Operator');
    await tabTo(theirs, theirs.getByRole('button', { name: 'Sign out', exact: true }));
    await enterTo(theirs, '/login?done=signed-out');
  });

  test('a removal is opened, thought about and made', async ({ page, context }) => {
    await context.addCookies(stateOf((await newOwner()).session).cookies);
    await open(page, '/portal/settings/api-keys');
    await type(page, page.getByLabel('Name', { exact: true }), 'Nightly report');
    await page.keyboard.press('Enter');
    await expect(page.getByLabel('API key', { exact: true })).toBeVisible();
    await open(page, '/portal/settings/api-keys');

    const revoke = page.locator('summary').filter({ hasText: 'Revoke' });
    await press(page, revoke);
    const sure = page.getByRole('button', { name: 'Revoke the key' });
    await expect(sure).toBeVisible();
    await page.keyboard.press('Tab');
    await expect(sure).toBeFocused();
    await page.keyboard.press('Enter');

    await expect(page.getByRole('status')).toHaveText('The key no longer works.');
  });

  test('a mistake is gone to at once, and from what says that there is one', async ({ page }) => {
    await open(page, '/signup');
    await type(page, page.getByLabel('Company'), 'Company');
    await type(page, page.getByLabel('Your name'), 'Person');
    await type(page, page.getByLabel('E-mail'), newPerson().email);
    await type(page, page.getByLabel('Password'), 'password');
    await page.keyboard.press('Enter');

    const wrong = page.getByLabel('Password');
    await expect(wrong).toBeFocused();
    await expect(wrong).toHaveAttribute('aria-invalid', 'true');
    const summary = page.getByRole('alert').getByRole('link');
    for (let presses = 0; presses < 4; presses += 1) await page.keyboard.press('Shift+Tab');
    await expect(summary).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(wrong).toBeFocused();
  });
});

/** Goes on to the next stop; a field for a date has several within. */
async function goOn(page) {
  const before = await page.evaluateHandle(() => document.activeElement);
  let isStillThere = true;
  while (isStillThere) {
    await page.keyboard.press('Tab');
    isStillThere = await before.evaluate((element) => element.type === 'date' && element === document.activeElement);
  }
}

/** Goes on to an element with the Tab key, as far as it takes; an eye can tell where it is all the way. */
async function tabTo(page, element, atMost = 60) {
  await expect(element).toBeVisible();
  for (let presses = 0; presses < atMost; presses += 1) {
    await page.keyboard.press('Tab');
    expect((await focusNow(page)).isShown, `${element} is on the way`).toBe(true);
    if (await element.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`${element} was not reached`);
}

async function type(page, element, text) {
  await tabTo(page, element);
  await page.keyboard.type(text);
}

async function press(page, element) {
  await tabTo(page, element);
  await page.keyboard.press('Enter');
}

/** Presses Enter, and waits until the page it leads to is there. */
async function enterTo(page, address) {
  await page.keyboard.press('Enter');
  await page.waitForURL(address);
}

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
