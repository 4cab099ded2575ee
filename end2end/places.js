// Every page there is, and who finds it worth looking at; a route without a place fails a test.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { daysAgo } from './days.js';
import { CHANNELS, CUSTOMERS, LEADS, OVERVIEW, REVENUE } from './screens.js';
import { world } from './world.js';

const ROUTES = join(dirname(fileURLToPath(import.meta.url)), '../app/src/routes.rs');

/** `link` names one of the world's links, `route` is what the program calls a page with an id in its path,
 *  `status` is 200 where nothing else is said. */
export const PLACES = {
  overview: { path: OVERVIEW },
  root: { path: '/' },
  ledger: { path: `${REVENUE}?from=${daysAgo(2)}&to=${daysAgo(1)}` },
  channels: { path: CHANNELS },
  explain: { path: '/portal/explain?figure=best_channel' },
  customers: { path: CUSTOMERS },
  customer: { link: 'customer', route: `${CUSTOMERS}/:id` },
  leads: { path: `${LEADS}?stage=replied` },
  lead: { link: 'lead', route: `${LEADS}/:id` },
  costs: { path: '/portal/costs' },
  import: { path: '/portal/import' },
  unknown: { path: '/portal/unknown' },
  credit: { link: 'credit', route: '/portal/credit' },
  restatements: { path: '/portal/restatements' },
  'failed-payments': { path: '/portal/failed-payments' },
  alerts: { path: '/portal/alerts' },
  actions: { path: '/portal/actions' },
  campaigns: { path: '/portal/campaigns' },
  recurring: { path: '/portal/mrr' },
  'confirm-action': { link: 'action', route: '/portal/actions/confirm' },
  'confirm-leads': { link: 'leads', route: '/portal/actions/leads' },
  jobs: { path: '/portal/jobs' },
  events: { path: '/portal/events' },
  metrics: { path: '/portal/metrics' },
  account: { path: '/portal/settings/account' },
  workspace: { path: '/portal/settings/tenant' },
  'channel-settings': { path: '/portal/settings/channels' },
  'exchange-rates': { path: '/portal/settings/exchange-rates' },
  members: { path: '/portal/settings/members' },
  'api-keys': { path: '/portal/settings/api-keys' },
  connections: { path: '/portal/settings/connections' },
  'audit-log': { path: '/portal/settings/audit-log' },
  platform: { path: '/portal/platform', who: 'platform' },
  'sign-in': { path: '/login', who: 'nobody' },
  'sign-up': { path: '/signup', who: 'nobody' },
  'sign-out': { path: '/logout' },
  'forgot-password': { path: '/forgot-password', who: 'nobody' },
  'reset-password': { link: 'reset', who: 'nobody' },
  invitation: { link: 'invitation', who: 'nobody' },
};

/** The same pages where they look different. */
export const VARIANTS = {
  welcome: { path: OVERVIEW, who: 'newcomer' },
  'no-api-key': { path: '/portal/settings/api-keys', who: 'newcomer' },
  'no-workspace': { path: OVERVIEW, who: 'platform' },
  forbidden: { path: '/portal/settings/members', who: 'viewer', status: 403 },
  'audit-log-wrong': { path: '/portal/settings/audit-log?from=yesterday', status: 400 },
  'channel-rule': { path: '/portal/settings/channels?step=preview&field=source&kind=is&text=LI-outbound&channel=linkedin' },
  'channel-rule-wrong': { path: '/portal/settings/channels?step=preview&field=source&kind=is&text=&channel=linkedin' },
  'costs-wrong': { path: '/portal/costs?cost_type=gifts', status: 400 },
  'alerts-resolved': { path: '/portal/alerts?state=resolved' },
  'alerts-wrong': { path: '/portal/alerts?state=lost', status: 400 },
  'recurring-wrong': { path: '/portal/mrr?compare=tomorrow', status: 400 },
  'campaigns-wrong': { path: '/portal/campaigns?state=lost', status: 400 },
  'actions-wrong': { path: '/portal/actions?state=lost', status: 400 },
  'confirm-wrong': { path: '/portal/actions/confirm?kind=make_coffee', status: 400 },
  'confirm-leads-wrong': { path: '/portal/actions/leads?kind=make_coffee', status: 400 },
  'jobs-wrong': { path: '/portal/jobs?state=lost', status: 400 },
  'events-wrong': { path: '/portal/events?state=lost', status: 400 },
  'funnel-snapshot': { path: `${OVERVIEW}?funnel=snapshot&sort=roi` },
  'customers-none': { path: `${CUSTOMERS}?q=nobody-at-all` },
  'leads-none': { path: `${LEADS}?q=nobody-at-all` },
  'leads-wrong': { path: `${LEADS}?stage=lost`, status: 400 },
  'explain-wrong': { path: '/portal/explain?figure=luck', status: 400 },
  'lead-unknown': { path: `${LEADS}/nobody`, status: 404 },
  'dead-letters': { path: '/portal/events?state=dead' },
  'for-review': { path: `${REVENUE}?review=presumed_tie` },
  'signed-out': { path: '/logout', who: 'nobody' },
  'spent-link': { path: '/invitation?token=spent', who: 'nobody', status: 404 },
  'wrong-question': { path: `${OVERVIEW}?from=2026-07-31&to=2026-06-01`, status: 400 },
  'not-found': { path: '/portal/no-such-page', status: 404 },
  'not-found-outside': { path: '/no-such-page', who: 'nobody', status: 404 },
};

/** All of these, by who goes there: one browser sees many in the time that many browsers need to start. */
export function placesByVisitor(places) {
  const byVisitor = new Map();
  for (const [name, place] of Object.entries(places)) {
    const { who = 'admin' } = place;
    byVisitor.set(who, [...(byVisitor.get(who) ?? []), { name, ...place }]);
  }
  return byVisitor;
}

/** Where a place is. */
export function addressOf({ path, link }) {
  return path ?? world().links[link];
}

/** The paths of all routes, as the program lists them. */
export function routes() {
  const paths = [...readFileSync(ROUTES, 'utf8').matchAll(/path!\("([^"]*)"\)/g)].map(([, path]) => path);
  if (paths.length === 0) throw new Error(`${ROUTES} lists no routes`);
  return paths;
}
