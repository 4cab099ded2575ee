// Who comes in, who belongs to what, and what each may do; the same with script and without.

import { chromium } from '@playwright/test';
import { invite, join, newOwner, newPerson, signIn, signUp, stateOf, STAFF } from '../people.js';
import { commandCenter } from '../program.js';
import { figure, open, OVERVIEW, REVENUE, settingsLinks, settingsRow, signInOn } from '../screens.js';
import { expect, test } from '../test.js';
import { world } from '../world.js';

const ACCOUNT = '/portal/settings/account';
const WORKSPACE = '/portal/settings/tenant';
const EXCHANGE_RATES = '/portal/settings/exchange-rates';
const MEMBERS = '/portal/settings/members';
const API_KEYS = '/portal/settings/api-keys';
const CONNECTIONS = '/portal/settings/connections';
const AUDIT_LOG = '/portal/settings/audit-log';
const PLATFORM = '/portal/platform';

test.use({ who: 'nobody' });

test.describe('coming in', { tag: '@plain' }, () => {
  test('a stranger makes an account, signs in and is told how the first figures come', async ({ page }) => {
    const stranger = newPerson();

    await open(page, '/login');
    await page.getByRole('link', { name: 'Make one' }).click();
    await page.getByLabel('Company').fill(stranger.company);
    await page.getByLabel('Your name').fill(stranger.name);
    await page.getByLabel('E-mail').fill(stranger.email);
    await page.getByLabel('Password').fill(stranger.password);
    await page.getByRole('button', { name: 'Make the account' }).click();

    await expect(page).toHaveURL(/\/login\?done=account-made$/);
    await expect(page.getByRole('status')).toHaveText(/^Your account is ready/);
    await signInOn(page, stranger);
    await expect(page).toHaveURL(new RegExp(`${OVERVIEW}$`));
    await expect(page.getByRole('heading', { name: 'Connect Stripe to see the first figures' })).toBeVisible();
    // Its events go to an address of its own, whose secret is not there yet.
    await expect(page.getByRole('main')).toContainText(/\/api\/webhooks\/stripe\/company-/);
    await expect(page.getByRole('main').getByRole('link', { name: 'Connections' })).toBeVisible();
    await expect(page.locator('.side-foot')).toContainText(stranger.company);
    await expect(page.locator('.side-foot')).toContainText('Owner');
    await expect(page.locator('.side-foot')).toContainText(stranger.name);
  });

  test('a form that was not filled in well is given back with what was typed but the password', async ({ page }) => {
    const stranger = newPerson({ password: 'password' });
    await open(page, '/signup');
    await page.getByLabel('Company').fill(stranger.company);
    await page.getByLabel('Your name').fill(stranger.name);
    await page.getByLabel('E-mail').fill(stranger.email);
    await page.getByLabel('Password').fill(stranger.password);

    const answer = await answerTo(page, () => page.getByRole('button', { name: 'Make the account' }).click());

    expect(answer.status()).toBe(422);
    await expect(page.getByLabel('Company')).toHaveValue(stranger.company);
    await expect(page.getByLabel('Your name')).toHaveValue(stranger.name);
    await expect(page.getByLabel('E-mail')).toHaveValue(stranger.email);
    await expectWrong(page.getByLabel('Password'), /guess/);
  });

  test('a wrong password is told beside its field, the same for who is there and who is not', async ({ page }) => {
    const known = newPerson();
    await signUp(known);

    for (const email of [known.email, newPerson().email]) {
      await open(page, '/login');
      const answer = await answerTo(page, () => signInOn(page, { email, password: 'not the password' }));

      expect(answer.status()).toBe(422);
      await expectWrong(page.getByLabel('Password'), /E-mail and password do not belong together\./);
      await expect(page.getByLabel('E-mail')).toHaveValue(email);
    }
  });

  test('whoever tries too often is told how long to wait', async ({ page }) => {
    const known = newPerson();
    await signUp(known);
    await open(page, '/login');
    const attempt = () => answerTo(page, () => signInOn(page, { ...known, password: 'not the password' }));

    for (let attempts = 0; attempts < 5; attempts += 1) {
      expect((await attempt()).status()).toBe(422);
    }
    const answer = await attempt();

    expect(answer.status()).toBe(429);
    expect(Number(answer.headers()['retry-after'])).toBeGreaterThan(0);
    await expect(page.getByRole('alert')).toHaveText(/^Too many attempts: try again in \d+ seconds\.$/);
    await expect(page.getByLabel('E-mail')).toHaveValue(known.email);
  });

  test('signing in leads to where somebody wanted to go, and to no other site', async ({ page }) => {
    const known = newPerson();
    await signUp(known);

    await open(page, `${REVENUE}?kind=refund&period=7d`);
    await expect(page).toHaveURL(/\/login\?next=/);
    await signInOn(page, known);
    await expect(page).toHaveURL(new RegExp(`${REVENUE}\\?kind=refund&period=7d$`));

    await page.context().clearCookies();
    await open(page, '/login?next=https://evil.example/');
    await signInOn(page, known);
    await expect(page).toHaveURL(new RegExp(`${OVERVIEW}$`));
  });

  test('a forgotten password is set anew by a link, which works once', async ({ page, anotherBrowser }) => {
    const known = await newOwner();
    const elsewhere = await anotherBrowser(known.session);
    await open(page, '/login');
    await page.getByRole('link', { name: 'Forgot your password?' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Set a new password');
    await expect(page.getByRole('main')).toContainText('user reset-link');

    const link = new URL(await commandCenter(['user', 'reset-link', '--email', known.email]));
    const path = link.pathname + link.search;
    await open(page, path);
    await page.getByLabel('New password', { exact: true }).fill('four quiet owls at noon');
    await page.getByRole('button', { name: 'Set the password' }).click();

    await expect(page.getByRole('status')).toHaveText(/^The new password counts/);
    expect((await answerTo(page, () => signInOn(page, known))).status()).toBe(422);
    await signInOn(page, { ...known, password: 'four quiet owls at noon' });
    await expect(page).toHaveURL(new RegExp(`${OVERVIEW}$`));
    await elsewhere.goto(OVERVIEW);
    await expect(elsewhere).toHaveURL(/\/login/);
    expect((await page.goto(path)).status()).toBe(404);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('This link no longer works');
  });
});

test.describe('going away', { tag: '@plain' }, () => {
  test('the way back shows no figures to whoever comes after', async ({ page, context }) => {
    await context.addCookies(stateOf(await signIn(demoAdmin())).cookies);
    await open(page, OVERVIEW);
    await expect(figure(page, 'Total revenue')).toBeVisible();

    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await expect(page).toHaveURL(/\/login\?done=signed-out$/);
    await expect(page.getByRole('status')).toHaveText('You are signed out.');

    await page.goBack();
    await expect(page).toHaveURL(/\/login\?next=/);
    await expect(page.getByRole('region', { name: 'Key figures' })).toHaveCount(0);
  });

  test('a browser that is signed out elsewhere is out with its next page', async ({ page, context, anotherBrowser }) => {
    const owner = await newOwner();
    await context.addCookies(stateOf(owner.session).cookies);
    const userAgent = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605 Version/18 Safari/605';
    const elsewhere = await anotherBrowser(await signIn(owner, { userAgent }));
    await open(elsewhere, OVERVIEW);

    await open(page, ACCOUNT);
    await expect(settingsRow(page, 'This browser')).toHaveCount(1);
    const other = settingsRow(page, 'Safari');
    await expect(other).toHaveCount(1);
    await other.getByRole('button', { name: /^Sign out/ }).click();

    await expect(page.getByRole('status')).toHaveText('Signed out there.');
    await expect(settingsRow(page, 'Safari')).toHaveCount(0);
    await open(elsewhere, OVERVIEW);
    await expect(elsewhere).toHaveURL(/\/login/);
    await open(page, OVERVIEW);
    await expect(page).toHaveURL(new RegExp(`${OVERVIEW}$`));
  });

  test('all other browsers are signed out at once, and by a new password', async ({ page, context, anotherBrowser }) => {
    const owner = await newOwner();
    await context.addCookies(stateOf(owner.session).cookies);
    const second = await anotherBrowser(await signIn(owner));

    await open(page, ACCOUNT);
    await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
    await expect(page.getByRole('button', { name: 'Sign out everywhere else' })).toHaveCount(0);
    await second.goto(ACCOUNT);
    await expect(second).toHaveURL(/\/login/);

    await signInOn(second, owner);
    await expect(second).toHaveURL(new RegExp(`${ACCOUNT}$`));
    await page.getByLabel('Current password').fill(owner.password);
    await page.getByLabel('New password', { exact: true }).fill('four quiet owls at noon');
    await page.getByRole('button', { name: 'Change password' }).click();
    await expect(page.getByRole('status')).toHaveText(/^The new password counts/);
    await second.goto(ACCOUNT);
    await expect(second).toHaveURL(/\/login/);
  });
});

test.describe('a workspace', { tag: '@plain' }, () => {
  test('is joined by invitation, seen as a viewer sees it, and left', async ({ page, context, anotherBrowser }) => {
    const [owner, colleague] = [await newOwner(), newPerson()];
    await context.addCookies(stateOf(owner.session).cookies);

    await open(page, MEMBERS);
    await page.getByLabel('E-mail').fill(colleague.email);
    await page.getByRole('button', { name: 'Invite', exact: true }).click();
    const link = new URL(await page.getByLabel('Link to pass on').inputValue());
    await expect(settingsRow(page, colleague.email)).toContainText('Viewer');
    await open(page, MEMBERS);
    await expect(page.getByLabel('Link to pass on')).toHaveCount(0);

    const theirs = await anotherBrowser();
    await open(theirs, link.pathname + link.search);
    await expect(theirs.getByRole('main')).toContainText(`${colleague.email} is asked to join ${owner.company}`);
    await theirs.getByLabel('Your name').fill(colleague.name);
    await theirs.getByLabel('Choose a password').fill(colleague.password);
    await theirs.getByRole('button', { name: 'Join' }).click();
    await expect(theirs).toHaveURL(new RegExp(OVERVIEW));
    await expect(theirs.getByRole('status')).toHaveText(/^Welcome/);
    await expect(theirs.locator('.side-foot')).toContainText(owner.company);
    await expect(settingsLinks(theirs)).toHaveText(['Account', 'Connections']);
    for (const path of [WORKSPACE, EXCHANGE_RATES, MEMBERS, API_KEYS, AUDIT_LOG]) {
      expect((await theirs.goto(path)).status(), path).toBe(403);
      await expect(theirs.getByRole('heading', { name: 'You may not see this page' })).toBeVisible();
    }
    expect((await theirs.goto(PLATFORM)).status()).toBe(404);
    expect((await theirs.goto(link.pathname + link.search)).status()).toBe(404);

    await open(page, MEMBERS);
    const row = settingsRow(page, colleague.email);
    await row.getByLabel('Role').selectOption('Admin');
    await row.getByRole('button', { name: /^Change role/ }).click();
    await expect(page.getByRole('status')).toHaveText(/^The role is changed/);
    await open(theirs, MEMBERS);
    await expect(settingsLinks(theirs)).not.toHaveText(['Account', 'Connections']);

    await row.locator('summary').click();
    await row.getByRole('button', { name: 'Remove from the workspace' }).click();
    await expect(page.getByRole('status')).toHaveText(/^They no longer belong/);
    await expect(settingsRow(page, colleague.email)).toHaveCount(0);
    await open(theirs, OVERVIEW);
    await expect(theirs.getByRole('heading', { level: 1 })).toHaveText('You belong to no workspace yet');
  });

  test('keeps an owner, and an invitation that was taken back lets nobody in', async ({ page, context }) => {
    const owner = await newOwner();
    await context.addCookies(stateOf(owner.session).cookies);
    const way = await invite(owner.session, 'asked@example.org', 'admin');

    await open(page, MEMBERS);
    const own = settingsRow(page, owner.email);
    await own.getByLabel('Role').selectOption('Viewer');
    const answer = await answerTo(page, () => own.getByRole('button', { name: /^Change role/ }).click());
    expect(answer.status()).toBe(409);
    await expect(page.getByRole('alert')).toHaveText(/^A workspace needs an owner/);

    await settingsRow(page, 'asked@example.org').getByRole('button', { name: /^Take back/ }).click();
    await expect(page.getByRole('status')).toHaveText('The invitation no longer works.');
    expect((await page.goto(way)).status()).toBe(404);
  });

  test('gives a key to a program, and takes it back', async ({ page, context, baseURL }) => {
    await context.addCookies(stateOf((await newOwner()).session).cookies);
    const asked = (key) =>
      fetch(`${baseURL}/api/analytics/revenue`, { headers: { authorization: `Bearer ${key}` } });

    await open(page, API_KEYS);
    await page.getByLabel('Name', { exact: true }).fill('Nightly report');
    await page.getByRole('button', { name: 'Make the key' }).click();
    const key = await page.getByLabel('API key', { exact: true }).inputValue();
    expect(key).toMatch(/^cc_[\w-]+$/);
    expect((await asked(key)).status).toBe(200);

    await open(page, API_KEYS);
    await expect(page.locator('body')).not.toContainText(key);
    const row = settingsRow(page, 'Nightly report');
    await expect(row).toContainText('last used');
    await row.locator('summary').click();
    await row.getByRole('button', { name: 'Revoke the key' }).click();

    await expect(page.getByRole('status')).toHaveText('The key no longer works.');
    await expect(settingsRow(page, 'Nightly report')).toContainText('Revoked');
    expect((await asked(key)).status).toBe(401);
  });

  test('seals a credential and shows it to nobody', async ({ page, context }) => {
    await context.addCookies(stateOf((await newOwner()).session).cookies);
    await open(page, CONNECTIONS);
    const row = settingsRow(page, 'Slack incoming webhook');
    await row.locator('summary').click();
    await row.getByLabel('Slack incoming webhook').fill('https://hooks.slack.com/services/a-credential-to-keep');
    await row.getByRole('button', { name: 'Store it' }).click();

    await expect(page.getByRole('status')).toHaveText(/^The credential is stored/);
    await expect(row).toContainText('Stored');
    expect(await page.content()).not.toContain('a-credential-to-keep');

    await row.locator('summary').filter({ hasText: 'Remove' }).click();
    await row.getByRole('button', { name: 'Remove it' }).click();
    await expect(page.getByRole('status')).toHaveText('The credential is removed.');
    await expect(row).not.toContainText('Stored');
  });

  test('keeps its settings, and says so when two tabs change them', async ({ page, context }) => {
    const owner = await newOwner();
    await context.addCookies(stateOf(owner.session).cookies);
    const other = await context.newPage();
    await open(page, WORKSPACE);
    await open(other, WORKSPACE);

    await page.getByLabel('Gross margin').fill('62.5');
    await page.getByLabel('Weeks begin on').selectOption('Sunday');
    await page.getByRole('button', { name: 'Save settings' }).click();
    await expect(page.getByRole('status')).toHaveText('The settings are saved.');
    await expect(page.getByLabel('Gross margin')).toHaveValue('62.5');
    await expect(page.getByLabel('Weeks begin on')).toHaveValue('sunday');

    await other.getByLabel('Gross margin').fill('10');
    const answer = await answerTo(other, () => other.getByRole('button', { name: 'Save settings' }).click());
    expect(answer.status()).toBe(409);
    await expect(other.getByRole('alert')).toHaveText(/^Somebody changed the settings meanwhile/);
    await expect(other.getByLabel('Gross margin')).toHaveValue('10');
    await other.getByRole('link', { name: /as they are now/ }).click();
    await expect(other.getByLabel('Gross margin')).toHaveValue('62.5');
  });

  test('says beside each field what is wrong with it, and keeps the rest', async ({ page, context }) => {
    const owner = await newOwner();
    await context.addCookies(stateOf(owner.session).cookies);

    for (const [label, wrong, message] of [
      ['Gross margin', '62,5', /plain number/],
      ['Timezone', 'Mars/Phobos', /no timezone/],
      ['Longest payback', '1.5', /decimal places/],
    ]) {
      await open(page, WORKSPACE);
      await page.getByLabel('Name').fill('Another name');
      await page.getByLabel(label).fill(wrong);
      const answer = await answerTo(page, () => page.getByRole('button', { name: 'Save settings' }).click());

      expect(answer.status()).toBe(422);
      await expectWrong(page.getByLabel(label), message, wrong);
      await expect(page.getByLabel('Name')).toHaveValue('Another name');
    }
    await open(page, WORKSPACE);
    await expect(page.getByLabel('Name')).toHaveValue(owner.company);
  });

  test('is changed for another, and forms of the one before do no harm to it', async ({ page, context }) => {
    const [here, there] = [await newOwner(), await newOwner()];
    const session = await join(there.session, here, 'admin');
    await context.addCookies(stateOf(session).cookies);
    const stale = { settings: await context.newPage(), members: await context.newPage(), keys: await context.newPage() };
    await open(stale.settings, WORKSPACE);
    await open(stale.members, MEMBERS);
    await open(stale.keys, API_KEYS);
    await expect(stale.settings.locator('.switcher summary')).toContainText(there.company);

    await open(page, `${REVENUE}?period=7d`);
    await page.locator('.switcher summary').click();
    await page.getByRole('button', { name: here.company }).click();
    await expect(page).toHaveURL(new RegExp(`${REVENUE}$`));
    await expect(page.locator('.switcher summary')).toContainText(here.company);
    await stale.settings.getByLabel('Name').fill('Written for the other one');
    await stale.settings.getByRole('button', { name: 'Save settings' }).click();
    await expectAnswered(stale.settings);
    await stale.members.getByLabel('E-mail').fill('asked@example.org');
    await stale.members.getByRole('button', { name: 'Invite', exact: true }).click();
    await expectAnswered(stale.members);
    await stale.keys.getByLabel('Name', { exact: true }).fill('Made for the other one');
    await stale.keys.getByRole('button', { name: 'Make the key' }).click();
    await expectAnswered(stale.keys);

    await open(page, WORKSPACE);
    await expect(page.getByLabel('Name')).toHaveValue(here.company);
    await open(page, MEMBERS);
    await expect(settingsRow(page, 'asked@example.org')).toHaveCount(0);
    await open(page, API_KEYS);
    await expect(settingsRow(page, 'Made for the other one')).toHaveCount(0);
  });

  test('writes down who did what', async ({ page, context, request }) => {
    const [owner, colleague] = [await newOwner(), newPerson()];
    await context.addCookies(stateOf(owner.session).cookies);
    await join(owner.session, colleague, 'operator');
    await open(page, WORKSPACE);
    await page.getByLabel('Name').fill('Renamed');
    await page.getByRole('button', { name: 'Save settings' }).click();
    await expect(page.getByRole('status')).toBeVisible();

    await open(page, AUDIT_LOG);
    const lines = page.getByRole('table', { name: 'Lines of the audit log, newest first' }).locator('tbody tr');
    await expect(lines.locator('td[data-label=What]')).toHaveText([
      'Changed settings',
      'Joined',
      'Invited a member',
      'Signed in',
      'Signed up',
    ]);
    await expect(lines.nth(0)).toContainText(`${owner.company} → Renamed`);
    await expect(lines.nth(1)).toContainText(colleague.email);
    await expect(lines.nth(2)).toContainText(owner.email);
    await expect(lines.nth(2)).toContainText(colleague.email);

    await page.getByLabel('What').selectOption('Joined');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await expect(lines).toHaveCount(1);
    await page.getByLabel('Who').fill('nobody@example.org');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await expect(page.getByText('No line of the log matches.')).toBeVisible();
    await page.getByRole('link', { name: 'Show every line' }).click();
    await expect(lines).toHaveCount(5);

    const file = await page.getByRole('link', { name: /CSV/ }).getAttribute('href');
    const cookie = `session=${owner.session}`;
    const text = await (await request.get(file, { headers: { cookie } })).text();
    expect(text).toContain('settings_changed');
    expect(text.trim().split('\n')).toHaveLength(6);
  });
});

test.describe('the platform', { tag: '@plain' }, () => {
  test('sees every workspace, and leaves a line where it looks in', async ({ page, context, anotherBrowser }) => {
    const owner = await newOwner();
    await context.addCookies(stateOf(await signIn({ email: STAFF.platform, password: world().password })).cookies);

    await open(page, PLATFORM);
    const table = page.getByRole('table', { name: 'Workspaces and their net revenue' });
    for (const name of ['Northwind GTM (demo)', 'Southwind Labs (demo)', owner.company]) {
      await expect(table.getByRole('row').filter({ hasText: name })).toHaveCount(1);
    }
    await page.getByRole('button', { name: `Look in to ${owner.company}` }).click();
    await expect(page).toHaveURL(new RegExp(`${OVERVIEW}$`));
    await expect(page.locator('.side-foot')).toContainText(owner.company);
    await expect(page.locator('.side-foot')).toContainText('Visiting');

    const theirs = await anotherBrowser(owner.session);
    await open(theirs, AUDIT_LOG);
    const line = theirs.getByRole('row').filter({ hasText: 'Looked in for the platform' });
    await expect(line).toContainText(STAFF.platform);
    expect((await theirs.goto(PLATFORM)).status()).toBe(404);
  });
});

test('a page the browser kept whole does not come back after signing out', async ({ launchOptions, baseURL }) => {
  // The runner's browsers keep none, so this one is started without its advice.
  const browser = await chromium.launch({
    ...launchOptions,
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  });
  try {
    const context = await browser.newContext({ baseURL, storageState: stateOf(await signIn(demoAdmin())) });
    const page = await context.newPage();
    await page.goto(OVERVIEW);
    await expect(figure(page, 'Total revenue')).toBeVisible();
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await expect(page).toHaveURL(/\/login\?done=signed-out$/);

    await page.evaluate(() => history.back());

    await expect(page).toHaveURL(/\/login\?next=/);
    await expect(page.getByRole('region', { name: 'Key figures' })).toHaveCount(0);
  } finally {
    await browser.close();
  }
});

/** Somebody of the demo, to be signed in once more: the session all tests share stays. */
function demoAdmin() {
  return { email: STAFF.admin, password: world().password };
}

/** What the server answers to a form that is sent. */
async function answerTo(page, send) {
  const [answer] = await Promise.all([page.waitForEvent('response', isAnswerToForm), send()]);
  await page.waitForLoadState();
  return answer;
}

function isAnswerToForm(response) {
  return response.request().method() === 'POST';
}

/** Whatever became of a form, the page says so. */
async function expectAnswered(page) {
  await expect(page.getByRole('status').or(page.getByRole('alert')).first()).toBeVisible();
}

/** A field says what is wrong with it, holds what is left of what was typed, and is where typing goes on. */
async function expectWrong(field, message, value = '') {
  await expect(field).toHaveAttribute('aria-invalid', 'true');
  await expect(field).toHaveAccessibleDescription(message);
  await expect(field).toHaveValue(value);
  await expect(field).toBeFocused();
}
