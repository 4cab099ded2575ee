// The `test` of this suite: pages of the running program as somebody sees them; they may not complain and may
// not call anybody else.

import { test as base, expect } from '@playwright/test';
import { anyNetwork, stateOf } from './people.js';
import { deliver } from './stripe.js';
import { world } from './world.js';

export { expect };

export const test = base.extend({
  /** Who looks: the name of a session that is there for all tests, or `nobody`. */
  who: ['admin', { option: true }],

  baseURL: async ({}, use) => {
    await use(world().address);
  },

  storageState: async ({ who }, use) => {
    await use(stateOf(world().sessions[who]));
  },

  /** Tests do not use up each other's attempts to sign in. */
  extraHTTPHeaders: async ({}, use) => {
    await use({ 'x-forwarded-for': anyNetwork() });
  },

  /** What went wrong in the browser so far, in words; a test ends well only when it stays empty. */
  complaints: [
    async ({ context, baseURL, javaScriptEnabled }, use) => {
      const complaints = [];
      listenForComplaints(context, baseURL, javaScriptEnabled !== false, complaints);
      await use(complaints);
      expect(complaints, 'what the browser complained about').toEqual([]);
    },
    { auto: true },
  ],

  /** Opens a page in another browser, which may complain no more than the first. */
  anotherBrowser: async ({ browser, baseURL, javaScriptEnabled, complaints }, use) => {
    const contexts = [];
    await use(async (session) => {
      const context = await browser.newContext({ storageState: stateOf(session) });
      contexts.push(context);
      listenForComplaints(context, baseURL, javaScriptEnabled !== false, complaints);
      return context.newPage();
    });
    await Promise.all(contexts.map((context) => context.close()));
  },

  /** Delivers signed events and insists on their acknowledgement. */
  stripe: async ({ request }, use) => {
    await use({
      tells: async (...events) => {
        for (const event of events) {
          const answer = await deliver(request, event);
          expect(answer.status(), await answer.text()).toBe(200);
        }
      },
    });
  },

  /** Revenue as the API tells it to a program; `query` as in an address. */
  revenue: async ({ request }, use) => {
    await use(async (query = 'period=90d') => {
      const answer = await request.get(`/api/analytics/revenue?${query}`, {
        headers: { authorization: `Bearer ${world().key}` },
      });
      expect(answer.status(), await answer.text()).toBe(200);
      return answer.json();
    });
  },
});

function listenForComplaints(context, baseURL, hasScript, complaints) {
  const ours = new URL(baseURL).host;
  context.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol !== 'data:' && host !== ours) complaints.push(`asked ${request.url()}`);
  });
  context.on('requestfailed', (request) => {
    // Whoever leaves a page takes its open stream along; a browser without script refuses to load any.
    const why = request.failure()?.errorText;
    const isExpected = why === 'net::ERR_ABORTED' || (why === 'csp' && !hasScript);
    if (!isExpected) complaints.push(`no answer from ${request.url()}: ${why}`);
  });
  context.on('response', (response) => {
    // A page may be refused on purpose; then the test looks at its status itself.
    const isPage = response.request().isNavigationRequest();
    if (response.status() >= 400 && !isPage) complaints.push(`${response.status()} for ${response.url()}`);
  });
  context.on('console', (message) => {
    const isBad = ['error', 'warning', 'assert'].includes(message.type());
    const isStatus = message.text().startsWith('Failed to load resource');
    const isUnusedScript = !hasScript && message.text().includes('was preloaded using link preload');
    if (isBad && !isStatus && !isUnusedScript) complaints.push(`${message.type()}: ${message.text()}`);
  });
  context.on('weberror', (error) => complaints.push(`uncaught: ${error.error()}`));
  context.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    return dialog.dismiss();
  });
}
