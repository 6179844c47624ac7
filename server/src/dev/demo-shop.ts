/**
 * A shop that only listens: it takes the webhooks of the demo merchants, checks their signatures as a real shop should,
 * and says on the console what it was told.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { verifyWebhook } from '@cryptoscan/sdk';
import { freePort } from './free-port.ts';

export type ShopKeys = { publicKey: string; privateKey: string };

export type DemoShop = {
  /** Where the webhooks of a merchant go. */
  urlOf(merchantId: number): string;
  stop(): Promise<void>;
};

const LONGEST_BODY = 64 * 1024;

/** `keysOf` gives the keys by merchant id; `say` gets one line for each webhook. */
export async function openDemoShop(options: {
  port: number;
  keysOf: (merchantId: number) => ShopKeys | undefined;
  say: (line: string) => void;
}): Promise<DemoShop> {
  const host = '127.0.0.1';
  const port = await freePort(host, options.port);
  const server = createServer((request, response) => {
    receive(options, request, response).catch(() => response.writeHead(500).end());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    urlOf: merchantId => `http://${host}:${port}/demo-shop/${merchantId}`,
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function receive(
  { keysOf, say }: { keysOf: (merchantId: number) => ShopKeys | undefined; say: (line: string) => void },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const merchantId = Number(/^\/demo-shop\/(\d{1,15})$/.exec(request.url ?? '')?.[1]);
  const keys = keysOf(merchantId);
  if (!keys || request.method !== 'POST') return void response.writeHead(404).end();
  const body = await readBody(request);
  const checked = await verifyWebhook(body, request.headers, keys);
  if (!checked.ok) {
    say(`Demo shop ${merchantId}: refused a webhook: ${checked.message}`);
    return void response.writeHead(401).end();
  }
  const { event_type: type, data } = checked.event;
  say(
    `Demo shop ${merchantId}: "${type}" for order ${data.client_reference_id}, ${data.final_amount}, signature right`,
  );
  response.writeHead(200).end('OK');
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > LONGEST_BODY) throw new Error('the body is too large');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
