// A HeyReach of the suite's own on this machine: it holds campaigns, pauses and resumes them, and says what it was
// asked.

import { once } from 'node:events';
import { createServer } from 'node:http';

/** Starts it; what it returns is where it answers, and how to stop it. */
export async function startHeyReach() {
  const campaigns = new Map();
  const asked = [];
  const server = createServer((request, answer) => {
    const url = new URL(request.url, 'http://heyreach.invalid');
    request.resume();
    const say = (status, body) => {
      answer.writeHead(status, { 'content-type': 'application/json' });
      answer.end(body === undefined ? '' : JSON.stringify(body));
    };
    const id = url.searchParams.get('campaignId');
    if (url.pathname === '/suite/asked') return say(200, asked);
    asked.push(`${url.pathname} ${id ?? ''}`.trim());
    switch (url.pathname) {
      case '/auth/CheckApiKey':
        return say(200);
      case '/campaign/GetById':
        return say(200, { id: Number(id), name: `Campaign ${id}`, status: campaigns.get(id) ?? 'IN_PROGRESS' });
      case '/campaign/Pause':
        campaigns.set(id, 'PAUSED');
        return say(200);
      case '/campaign/Resume':
        campaigns.set(id, 'IN_PROGRESS');
        return say(200);
      default:
        return say(404, { errorMessage: 'there is nothing here' });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { address: `http://127.0.0.1:${server.address().port}`, stop: () => server.close() };
}
