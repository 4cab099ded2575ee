// Who looks: people of the demo, signed in once for all tests, and people a test makes for itself.
// They are made by the pages' own forms, sent as a browser without script sends them.

import { randomBytes, randomInt } from 'node:crypto';
import { world } from './world.js';

/** Who of the demo is signed in; tests leave them as they are. */
export const STAFF = {
  admin: 'admin@northwind.example',
  viewer: 'viewer@northwind.example',
  platform: 'platform@demo.example',
};

/** Somebody who is not there yet. */
export function newPerson(known = {}) {
  const id = randomBytes(6).toString('hex');
  return {
    email: `${id}@example.org`,
    name: `Person ${id}`,
    company: `Company ${id}`,
    password: 'seven grey herons at dusk',
    ...known,
  };
}

/** An address no other test comes from. */
export function anyNetwork() {
  return `10.${randomInt(256)}.${randomInt(256)}.${randomInt(256)}`;
}

/** What a browser keeps of somebody who is signed in; without a session, of nobody. */
export function stateOf(session) {
  const cookie = {
    name: 'session',
    value: session,
    domain: '127.0.0.1',
    path: '/',
    expires: -1,
    httpOnly: true,
    secure: false,
    sameSite: 'Lax',
  };
  return { cookies: session ? [cookie] : [], origins: [] };
}

/** Makes an account with a company of its own. */
export async function signUp({ company, name, email, password }) {
  await send('/signup', { form: 'sign_up', company, name, email, password }, { leadsTo: '/login' });
}

/** Signs in; the new session. */
export async function signIn({ email, password }, { userAgent } = {}) {
  const fields = { form: 'sign_in', email, password };
  return sessionSetBy(await send('/login', fields, { leadsTo: '/portal/', userAgent }));
}

/** Somebody new with a company of their own, signed in. */
export async function newOwner(known) {
  const person = newPerson(known);
  await signUp(person);
  return { ...person, session: await signIn(person) };
}

/** Invites somebody as the one whose session it is; the way to join. */
export async function invite(session, email, role) {
  const answer = await send('/portal/settings/members', { form: 'invite', email, role }, { session });
  const [, way] = /value="http[^"]*?(\/invitation\?token=[\w-]+)"/.exec(await answer.text());
  return way;
}

/** Invites somebody, who joins: with the account they have, or else with a new one. The new session. */
export async function join(session, { email, name, password, session: known }, role) {
  const way = await invite(session, email, role);
  const token = new URLSearchParams(way.split('?')[1]).get('token');
  const fields = { form: 'join', token, password, ...(!known && { name }) };
  return sessionSetBy(await send(way, fields, { leadsTo: '/portal/' }));
}

/** Posts a form; one that leads elsewhere has to lead there. */
async function send(path, fields, { session, leadsTo, userAgent = 'end2end' } = {}) {
  const { address } = world();
  const answer = await fetch(address + path, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      origin: address,
      'user-agent': userAgent,
      'x-forwarded-for': anyNetwork(),
      ...(session && { cookie: `session=${session}` }),
    },
    body: new URLSearchParams(fields),
  });
  const isDone = leadsTo ? answer.headers.get('location')?.startsWith(leadsTo) : answer.status === 200;
  if (!isDone) throw new Error(`${path} was answered with ${answer.status}: ${await answer.text()}`);
  return answer;
}

function sessionSetBy(answer) {
  return /^session=([\w-]+)/.exec(answer.headers.get('set-cookie'))[1];
}
