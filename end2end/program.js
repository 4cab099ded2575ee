// The program as a user runs it: a folder of its own, the demo in it, one server for the whole suite.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startApollo } from './apollo.js';
import { startHeyReach } from './heyreach.js';
import { invite, newPerson, signIn, signUp, STAFF } from './people.js';
import { tellWorld, world } from './world.js';

const HERE = dirname(fileURLToPath(import.meta.url));

export const SIGNING_SECRET = 'whsec_e2e';

/** What stored credentials are sealed with; they are none. */
const SECRETS_KEY = Buffer.alloc(32, 7).toString('base64');

const START_PATIENCE_MS = 60_000;
const STOP_PATIENCE_MS = 30_000;
const LISTENS = /listens on (http:\/\/127\.0\.0\.1:\d+)/;
const PASSWORD = /with the password {2}(\S+)/;

const run = promisify(execFile);

/** Runs one of the program's commands beside its server; what it prints. */
export async function commandCenter(args, input = '') {
  const running = run(binary(), args, { env: environmentIn(world().folder) });
  running.child.stdin.end(input);
  return (await running).stdout.trim();
}

/** Fills and starts the program; what it returns stops it and leaves nothing behind. */
export default async function startProgram() {
  endWhenToldTo();
  const folder = await makeFolder();
  const [heyreach, apollo] = [await startHeyReach(), await startApollo()];
  const stopTools = () => [heyreach, apollo].forEach((tool) => tool.stop());
  try {
    const environment = {
      ...environmentIn(folder),
      HEYREACH_API_BASE: heyreach.address,
      APOLLO_API_BASE: apollo.address,
    };
    const demo = await run(binary(), ['demo'], { env: environment });
    const server = await startServer(environment);
    try {
      await settle({ folder, address: server.address, heyreach: heyreach.address, apollo: apollo.address }, PASSWORD.exec(demo.stdout)[1]);
    } catch (error) {
      await stop(server.process);
      throw error;
    }
    return () =>
      stop(server.process).finally(() => {
        stopTools();
        return remove(folder);
      });
  } catch (error) {
    stopTools();
    await remove(folder);
    throw error;
  }
}

/** Signs everybody in, once for all tests, and gives every page something to show. */
async function settle(places, password) {
  const known = { ...places, password, sessions: {}, links: {} };
  tellWorld(known);
  for (const [who, email] of Object.entries(STAFF)) {
    known.sessions[who] = await signIn({ email, password });
  }
  const newcomer = newPerson({ name: 'Newcomer', company: 'Newcomer & Sons' });
  await signUp(newcomer);
  known.sessions.newcomer = await signIn(newcomer);
  known.links.invitation = await invite(known.sessions.admin, 'invited@example.org', 'viewer');
  const reset = await commandCenter(['user', 'reset-link', '--email', 'viewer@southwind.example']);
  known.links.reset = reset.slice(new URL(reset).origin.length);
  known.links.lead = await firstOf('/portal/leads', known.sessions.admin);
  known.links.customer = await firstOf('/portal/customers', known.sessions.admin);
  known.links.leads = known.links.lead.replace('/portal/leads/', '/portal/actions/leads?kind=retry_enrichment&lead=');
  known.links.action = await firstAction(known.sessions.admin);
  known.links.credit = known.links.customer.replace('/portal/customers/', '/portal/credit?customer=');
  known.key = await commandCenter(['api-key', 'create', '--tenant', 'northwind', '--role', 'viewer']);
  for (const tool of ['heyreach', 'apollo']) {
    await commandCenter(['tenant', 'secret', '--tenant', 'northwind', '--kind', tool], 'a credential');
  }
  tellWorld(known);
}

/** The page of the first thing a list leads to. */
async function firstOf(list, session) {
  const answer = await fetch(world().address + list, { headers: { cookie: `session=${session}` } });
  const [, page] = new RegExp(`class="when"><a href="(${list}/[^"]+)"`).exec(await answer.text());
  return page;
}

/** The page that asks to confirm the first action there is a button for. */
async function firstAction(session) {
  const answer = await fetch(`${world().address}/portal/campaigns`, { headers: { cookie: `session=${session}` } });
  const [, page] = /href="(\/portal\/actions\/confirm[^"]+)"/.exec(await answer.text());
  return page.replaceAll('&amp;', '&');
}

/** The runner tidies up after an interrupt only; told to end, it would leave the server behind. */
function endWhenToldTo() {
  process.once('SIGTERM', () => process.kill(process.pid, 'SIGINT'));
}

/** Others may pass through, because as root the database belongs to an account of its own. */
async function makeFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'command-center-e2e-'));
  await chmod(folder, 0o711);
  return folder;
}

function remove(folder) {
  return rm(folder, { recursive: true, force: true });
}

function binary() {
  const target = process.env.CARGO_TARGET_DIR ?? join(HERE, '..', 'target');
  const { COMMAND_CENTER_BIN, COMMAND_CENTER } = process.env;
  return COMMAND_CENTER_BIN ?? COMMAND_CENTER ?? join(target, 'release', 'command-center');
}

/** DATABASE_URL may name what somebody works with, so only a database meant for tests is filled. */
function environmentIn(folder) {
  const { DATABASE_URL: _, PUBLIC_URL: __, TEST_DATABASE_URL: database, ...inherited } = process.env;
  return {
    ...inherited,
    ...(database && { DATABASE_URL: database }),
    DATA_DIR: folder,
    BIND_ADDR: '127.0.0.1:0',
    STRIPE_WEBHOOK_SECRET: SIGNING_SECRET,
    SECRETS_KEY,
    // Nothing leaves this machine, whatever a page asks a tool.
    PLUSVIBE_API_BASE: 'http://127.0.0.1:1',
    INSTANTLY_API_BASE: 'http://127.0.0.1:1',
    FULLENRICH_API_BASE: 'http://127.0.0.1:1',
    // Sign-ins are counted by network; each test says that it comes from one of its own.
    TRUSTED_PROXIES: '127.0.0.1',
    RUST_LOG: 'warn',
  };
}

async function startServer(env) {
  const server = spawn(binary(), ['serve'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const address = await addressSaidBy(server);
    await untilReady(address);
    return { process: server, address };
  } catch (error) {
    await stop(server);
    throw error;
  }
}

async function addressSaidBy(server) {
  const lines = createInterface({ input: server.stdout });
  const tooLate = AbortSignal.timeout(START_PATIENCE_MS);
  const address = new Promise((resolve) => {
    lines.on('line', (line) => LISTENS.test(line) && resolve(LISTENS.exec(line)[1]));
  });
  const ended = once(server, 'exit', { signal: tooLate }).then(([code]) => {
    throw new Error(`the server ended with ${code} before it listened`);
  });
  return Promise.race([address, ended]);
}

async function untilReady(address) {
  const deadline = Date.now() + START_PATIENCE_MS;
  while (Date.now() < deadline) {
    const answer = await fetch(`${address}/readyz`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the server listens but is not ready');
}

/** Asks the server to end, and insists when it does not. */
async function stop(server) {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  const insistence = setTimeout(() => server.kill('SIGKILL'), STOP_PATIENCE_MS);
  server.kill('SIGTERM');
  const [, signal] = await ended;
  clearTimeout(insistence);
  if (signal === 'SIGKILL') throw new Error('the server did not end when asked to');
}
