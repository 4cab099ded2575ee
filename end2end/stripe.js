// Stripe's side: payments told by the events of a recorded one, signed by Stripe's own library.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Stripe from 'stripe';
import { SIGNING_SECRET } from './program.js';

const HERE = dirname(fileURLToPath(import.meta.url));

const RECORDED = join(HERE, '../server/tests/fixtures/composed/2026-09-30.endive/b_oneoff_refunds');
/** The part all recorded ids share; the last digit tells objects of one kind apart. */
const RECORDED_NAME = /TestGrace0+(?=\d)/g;
const RECORDED_EMAIL = 'grace@example.org';

/** What the recorded payment moves, in cents: all of it comes in, and goes back in two parts. */
export const AMOUNTS = { paid: 49_900, firstRefund: 9_900, secondRefund: 40_000 };

/** What the recorded payment sold, and the channel its metadata names. */
export const PRODUCT = 'Bootcamp';
export const CHANNEL = { slug: 'heyreach', name: 'HeyReach' };

/**
 * A payment nobody has made before, at the moment `at` (default: now), with its own ids and payer.
 * `change` may alter every object Stripe tells of.
 */
export function newPayment({ at = new Date(), email, change = () => {} } = {}) {
  const name = randomBytes(10).toString('hex');
  const payer = email ?? `e2e-${name}@example.org`;
  const event = (file) => {
    const text = readFileSync(join(RECORDED, file), 'utf8')
      .replaceAll(RECORDED_NAME, name)
      .replaceAll(RECORDED_EMAIL, payer.replaceAll('"', '\\"'));
    const seconds = Math.floor(at.getTime() / 1000);
    const told = JSON.parse(text, (key, value) => (key === 'created' ? seconds : value));
    change(told.data.object);
    return JSON.stringify({ ...told, id: `evt_${file.slice(0, 2)}${name}` });
  };
  return {
    email: payer,
    intentSucceeded: event('01_payment_intent.succeeded.json'),
    charged: event('02_charge.succeeded.json'),
    checkoutCompleted: event('03_checkout.session.completed.json'),
    firstRefund: event('05_refund.created.json'),
    secondRefund: event('07_refund.created.json'),
  };
}

/** A `Stripe-Signature` for this body. */
export function sign(payload, { secret = SIGNING_SECRET, timestamp } = {}) {
  return Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp });
}

/** Posts an event the way Stripe does. */
export function deliver(request, payload, signature = sign(payload)) {
  return request.post('/api/webhooks/stripe', {
    headers: { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': signature },
    // Bytes, because a text would be written anew and no longer match its signature.
    data: Buffer.from(payload),
  });
}
