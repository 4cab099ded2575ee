// What other sites, and mistakes of our own, cannot do with the pages.

import { createServer } from 'node:http';
import { once } from 'node:events';
import { newOwner, stateOf } from '../people.js';
import { addressOf, PLACES, placesByVisitor, routes, VARIANTS } from '../places.js';
import { open, OVERVIEW, settingsRow } from '../screens.js';
import { expect, test } from '../test.js';

const WORKSPACE = '/portal/settings/tenant';
const MEMBERS = '/portal/settings/members';

test('every route is a place that tests go to', () => {
  const visited = Object.values(PLACES).map((place) => place.route ?? addressOf(place).split('?')[0]);
  expect(visited.sort()).toEqual(routes().sort());
});

for (const [who, places] of placesByVisitor({ ...PLACES, ...VARIANTS })) {
  test.describe(who, () => {
    test.use({ who });

    test(`pages ${who} sees keep to their own rules`, async ({ page }) => {
      await noteViolations(page);
      for (const place of places) {
        const answer = await page.goto(addressOf(place));

        expect(answer.status(), place.name).toBe(place.status ?? 200);
        await untilSettled(page);
        await expect(page.getByRole('heading', { level: 1 }), place.name).toHaveCount(1);
        expect(await violations(page), place.name).toEqual([]);
        const headers = answer.headers();
        expect(headers['cache-control'], place.name).toBe('private, no-store');
        expect(headers['x-frame-options'], place.name).toBe('DENY');
        expect(headers['content-security-policy'], place.name).toMatch(/script-src 'nonce-[^']+' 'strict-dynamic'/);
        expect(headers['content-security-policy'], place.name).not.toContain('unsafe-inline');
      }
    });
  });
}

test.describe('nobody', { tag: '@plain' }, () => {
  test.use({ who: 'nobody' });

  test('sees what is for everybody, and is asked to sign in for all else', async ({ page }) => {
    await noteViolations(page);
    for (const [name, place] of Object.entries({ ...PLACES, ...VARIANTS })) {
      const address = addressOf(place);
      const isOurs = address === '/' || address.startsWith('/portal');
      await page.goto(address);

      const { pathname, searchParams } = new URL(page.url());
      expect(pathname, name).toBe(isOurs ? '/login' : address.split('?')[0]);
      if (isOurs && address !== '/') expect(searchParams.get('next')).toBe(address);
      await expect(page.getByRole('navigation'), name).toHaveCount(0);
      expect(await violations(page), name).toEqual([]);
    }
  });

  test('is told nothing by the API', async ({ request }) => {
    for (const path of ['/api/analytics/revenue', '/api/events', '/api/audit-log.csv']) {
      const answer = await request.get(path);
      expect(answer.status(), path).toBe(401);
      expect((await answer.json()).error.code).toBe('unauthorized');
    }
  });
});

test.describe('another site', () => {
  /** A site of somebody else's on this machine, which a browser takes for a neighbour and sends cookies from. */
  const it = test.extend({
    site: async ({}, use) => {
      const pages = new Map();
      const server = createServer((request, response) => {
        response.setHeader('content-type', 'text/html');
        response.end(pages.get(request.url) ?? '');
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = `http://127.0.0.1:${server.address().port}`;
      await use({ serve: (path, html) => pages.set(path, html) && address + path });
      server.closeAllConnections();
      server.close();
    },

    /** The owner of a company, who visits that site while signed in here. */
    victim: async ({ browser, baseURL }, use) => {
      const owner = await newOwner();
      const context = await browser.newContext({ storageState: stateOf(owner.session), baseURL });
      await use({ ...owner, page: await context.newPage() });
      await context.close();
    },
  });

  it('cannot show our pages in a frame', async ({ site, victim: { page }, baseURL }) => {
    for (const path of [OVERVIEW, '/login', '/portal/no-such-page', '/api/analytics/revenue']) {
      const refused = page.waitForEvent('requestfailed');
      await page.goto(site.serve('/', `<iframe src="${baseURL}${path}"></iframe>`));
      expect((await refused).failure().errorText, path).toBe('net::ERR_BLOCKED_BY_RESPONSE');
      await expect(page.frameLocator('iframe').locator('#main, .lone')).toHaveCount(0);
    }
  });

  const change = (address) => `
    <form method="post" action="${address}${WORKSPACE}">
      <input name="form" value="settings"><input name="version" value="1"><input name="name" value="Taken over">
      <input name="currency" value="USD"><input name="timezone" value="UTC"><input name="week_start" value="monday">
      <input name="gross_margin" value="80"><input name="target_roas" value="2"><input name="minimum_spend" value="1">
      <input name="minimum_customers" value="1"><input name="maximum_payback_months" value="12">
      <input name="stuck_after_days" value="14"><button>Win</button>
    </form>`;

  it('cannot send our forms for who is signed in', async ({ site, victim, baseURL }) => {
    const { page } = victim;
    await page.goto(site.serve('/', change(baseURL)));

    const [request] = await Promise.all([
      page.waitForRequest((request) => request.method() === 'POST'),
      page.getByRole('button', { name: 'Win' }).click(),
    ]);
    await page.waitForURL('chrome-error://chromewebdata/');

    // The cookie went along: it is the origin that is refused.
    expect((await request.allHeaders()).cookie).toContain(victim.session);
    expect((await request.response()).status()).toBe(403);
    await expectUntouched(victim);
  });

  it('cannot hide where a form comes from', async ({ site, victim, baseURL }) => {
    const { page } = victim;
    const hidden = change(baseURL).replaceAll('"', '&quot;');
    await page.goto(site.serve('/', `<iframe sandbox="allow-forms" srcdoc="${hidden}"></iframe>`));

    const [request] = await Promise.all([
      page.waitForRequest((request) => request.method() === 'POST'),
      page.frameLocator('iframe').getByRole('button', { name: 'Win' }).click(),
    ]);

    expect((await request.allHeaders()).origin).toBe('null');
    expect((await request.response()).status()).toBe(403);
    await expectUntouched(victim);
  });

  it('cannot ask our server for anything by script', async ({ site, victim, baseURL }) => {
    const { page } = victim;
    await page.goto(site.serve('/', ''));

    const told = await page.evaluate(async ({ baseURL, path }) => {
      const ask = (path, init) =>
        fetch(baseURL + path, { credentials: 'include', ...init }).then(
          (answer) => `${answer.type} ${answer.status}`,
          () => 'refused',
        );
      const body = new URLSearchParams({ form: 'invite', email: 'thief@evil.example', role: 'owner' });
      return {
        read: await ask('/api/analytics/revenue'),
        changed: await ask(path, { method: 'POST', body, mode: 'no-cors' }),
        switched: await ask('/portal/switch', { method: 'POST', body, mode: 'no-cors' }),
        signedOut: await ask('/logout', { method: 'POST', body: 'form=sign_out', mode: 'no-cors' }),
      };
    }, { baseURL, path: MEMBERS });

    expect(told.read).toBe('refused');
    await open(page, MEMBERS);
    await expect(settingsRow(page, 'thief@evil.example')).toHaveCount(0);
  });

  async function expectUntouched({ page, company }) {
    await open(page, WORKSPACE);
    await expect(page.getByLabel('Name')).toHaveValue(company);
  }
});

/** Keeps what the browser refused to do for this page. */
function noteViolations(page) {
  return page.addInitScript(() => {
    window.__violations = [];
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile }) =>
      window.__violations.push(`${violatedDirective}: ${blockedURI} in ${sourceFile}`),
    );
  });
}

function violations(page) {
  return page.evaluate(() => window.__violations ?? []);
}

/** Until the islands are there and every font has come. */
async function untilSettled(page) {
  await page.evaluate(() => document.fonts.ready);
  await page.waitForFunction(() => {
    const wasm = performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.wasm'));
    return wasm.some(({ responseEnd }) => responseEnd > 0);
  });
}
