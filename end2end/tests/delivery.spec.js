// How the pages reach the browser: light, cached where they may be and nowhere else.

import { open, OVERVIEW, REVENUE, untilAwake } from '../screens.js';
import { expect, test } from '../test.js';

const PAGE_BUDGET = 250_000;
const WASM_BUDGET = 150_000;
const HTML_BUDGET = 60_000;

const HASHED = /^\/assets\/[\w-]+-[0-9a-f]{16}\.(css|js|wasm|woff2|svg)$/;

test('the main page and all it needs weigh at most 250 kB, its wasm at most 150 kB, its HTML 60 kB', async ({ page }) => {
  const weights = weighEverything(page);
  await open(page, OVERVIEW);
  await untilAwake(page);
  await page.evaluate(() => document.fonts.ready);

  const all = await weights();
  const kinds = all.map(({ path }) => path.split('.').at(-1));
  expect(kinds).toEqual(expect.arrayContaining(['css', 'js', 'wasm', 'woff2']));
  const total = all.reduce((total, { bytes }) => total + bytes, 0);
  expect(total, JSON.stringify(all)).toBeLessThanOrEqual(PAGE_BUDGET);
  expect(all.find(({ path }) => path.endsWith('.wasm')).bytes).toBeLessThanOrEqual(WASM_BUDGET);
  expect(all.find(({ path }) => path === OVERVIEW).bytes).toBeLessThanOrEqual(HTML_BUDGET);
});

test('every file has its hash in its name, is kept for ever and comes compressed', async ({ page, request }) => {
  await open(page, OVERVIEW);
  await untilAwake(page);
  const files = await filesOf(page);
  expect(files.length).toBeGreaterThanOrEqual(5);

  for (const file of files) {
    expect(file).toMatch(HASHED);
    const answer = await request.head(file, { headers: { 'accept-encoding': 'br, gzip' } });
    expect(answer.status(), file).toBe(200);
    const headers = answer.headers();
    expect(headers['cache-control'], file).toBe('public, max-age=31536000, immutable');
    expect(headers['x-content-type-options'], file).toBe('nosniff');
    // A font is compressed as it is.
    expect(headers['content-encoding'], file).toBe(file.endsWith('.woff2') ? undefined : 'br');
  }
});

test('a file is read without brotli too, and not sent again to who has it', async ({ page, request }) => {
  await open(page, OVERVIEW);
  const stylesheet = await page.locator('link[rel=stylesheet]').getAttribute('href');

  const zipped = await request.get(stylesheet, { headers: { 'accept-encoding': 'gzip' } });
  expect(zipped.headers()['content-encoding']).toBe('gzip');
  const plain = await request.get(stylesheet, { headers: { 'accept-encoding': 'identity' } });
  expect(plain.headers()['content-encoding']).toBeUndefined();
  expect(await plain.text()).toBe(await zipped.text());

  const again = await request.get(stylesheet, {
    headers: { 'accept-encoding': 'gzip', 'if-none-match': zipped.headers().etag },
  });
  expect(again.status()).toBe(304);
});

test('pages and figures are nobody else’s and never stored', async ({ request }) => {
  for (const path of [OVERVIEW, REVENUE, '/portal/no-such-page', '/api/analytics/revenue']) {
    const answer = await request.get(path);
    expect(answer.headers()['cache-control'], path).toBe('private, no-store');
  }
});

test('the page is painted before its wasm arrives', async ({ page }) => {
  const release = deferred();
  await page.route('**/*.wasm', async (route) => {
    await release.promise;
    await route.continue();
  });
  await page.goto(OVERVIEW, { waitUntil: 'commit' });

  await expect(page.getByRole('img', { name: /^Revenue by channel/ })).toBeVisible();
  await expect(page.locator('[data-live]')).toHaveAttribute('data-live', 'off');
  release.resolve();
  await untilAwake(page);
});

test('an unknown page is a 404 inside the shell, an unknown API address a 404 in the envelope', async ({
  page,
  request,
}) => {
  const shown = await page.goto('/portal/no-such-page');
  expect(shown.status()).toBe(404);
  await expect(page.getByRole('navigation', { name: 'Pages' })).toBeVisible();

  const answer = await request.get('/api/unknown');
  expect(answer.status()).toBe(404);
  expect(answer.headers()['content-type']).toContain('application/json');
  const { error } = await answer.json();
  expect(error).toMatchObject({ code: 'not_found', message: expect.any(String), field: null });
  expect(error.request_id).toBe(answer.headers()['x-request-id']);
});

/** Notes what every answer weighs on the wire; the stream of changes never ends and is left out. */
function weighEverything(page) {
  const finished = [];
  page.on('requestfinished', (request) => {
    const path = new URL(request.url()).pathname;
    finished.push(request.sizes().then(({ responseBodySize }) => ({ path, bytes: responseBodySize })));
  });
  return () => Promise.all(finished);
}

/** What the page names in its head, and what was loaded for it. */
function filesOf(page) {
  return page.evaluate(() => {
    const named = [...document.querySelectorAll('head link[href]:not([rel=canonical])')].map(({ href }) => href);
    const loaded = performance.getEntriesByType('resource').map(({ name }) => name);
    const paths = [...named, ...loaded].map((address) => new URL(address).pathname);
    return [...new Set(paths)].filter((path) => !path.startsWith('/api/'));
  });
}

function deferred() {
  let resolve;
  const promise = new Promise((fulfil) => (resolve = fulfil));
  return { promise, resolve };
}
