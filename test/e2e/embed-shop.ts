/**
 * A shop's site on an origin of its own: a page that opens payments over itself, and a page of a stranger in a frame of it.
 * What the shop is told is written down in `window.told`, and every message that arrives in `window.heard`.
 */

import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { host, onFreePort } from '../gateway.ts';

export type EmbedShop = {
  /** By the name that is another site than the gateway's address. */
  origin: string;
  close(): Promise<void>;
};

const page = (script: string) => `<!doctype html><html lang="de-DE"><title>Shop</title>
<body style="height:3000px"><p id="top">A shop</p><button id="other">Other</button>
<script>
  window.told = [];
  window.heard = [];
  addEventListener('message', ({ data, origin }) => heard.push({ ...data, origin }));
</script>
<script src="${script}"></script>
<script>
  const tell = name => told.push(name);
  window.handlers = {
    onPaid: () => tell('paid'), onExpired: () => tell('expired'),
    onCancelled: () => tell('cancelled'), onClose: () => tell('close'),
  };
</script>`;

const stranger = `<!doctype html><title>Stranger</title><script>
  addEventListener('message', ({ data }) => parent.postMessage(data, '*'));
</script>`;

/** `script`: where embed.js is. Only `listed` is a name that a merchant is to list. */
export async function openEmbedShop(script: () => string): Promise<EmbedShop> {
  const answer = (response: ServerResponse, text: string) =>
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(text);
  const server = createServer(({ url = '/' }, response) => {
    if (url.startsWith('/stranger')) return answer(response, stranger);
    if (url.startsWith('/thanks')) return answer(response, '<!doctype html><title>Thanks</title>');
    return answer(response, page(script()));
  });
  const port = await onFreePort(async free => {
    server.listen(free, host);
    await once(server, 'listening');
    return free;
  });
  return {
    origin: `http://localhost:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}
