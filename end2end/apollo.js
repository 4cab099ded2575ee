// An Apollo of the suite's own on this machine: it knows everybody who is asked about by e-mail, and says whom.

import { once } from 'node:events';
import { createServer } from 'node:http';

/** Starts it; what it returns is where it answers, and how to stop it. */
export async function startApollo() {
  const asked = [];
  const server = createServer((request, answer) => {
    const url = new URL(request.url, 'http://apollo.invalid');
    request.resume();
    const say = (status, body) => {
      answer.writeHead(status, { 'content-type': 'application/json' });
      answer.end(JSON.stringify(body));
    };
    const email = url.searchParams.get('email');
    switch (url.pathname) {
      case '/suite/asked':
        return say(200, asked);
      case '/usage_stats/api_usage_stats':
        return say(200, {});
      case '/people/match':
        asked.push(email);
        return say(200, { person: { id: `p-${asked.length}`, name: 'Found Person', title: 'Buyer', email } });
      default:
        return say(404, { error: 'there is nothing here' });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { address: `http://127.0.0.1:${server.address().port}`, stop: () => server.close() };
}
