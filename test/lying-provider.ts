/** A JSON-RPC provider in front of a real node, which tells the truth until it is told to lie. */
import { randomInt } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { freePort } from '../server/src/dev/free-port.ts';

export type LiarCall = { id: unknown; method: string; params: unknown[] };
type Answer = { jsonrpc: '2.0'; id: unknown; result?: unknown; error?: { code: number; message: string } };

/** A lie: another answer to one call, or something else than an answer. Null where it tells the truth. */
export type Lie = {
  answer?: (call: LiarCall, honest: unknown) => Pick<Answer, 'result' | 'error'> | null;
  /** Instead of any answer; answers false to tell the truth after all. */
  response?: (response: ServerResponse, honest: string) => boolean;
  /** Done to the envelope of every answer. */
  envelope?: (answer: Answer) => Answer;
};

export class LyingProvider {
  readonly url: string;
  readonly #node: string;
  readonly #server: Server;
  lie: Lie = {};
  /** HTTP requests since the lie began. */
  asked = 0;
  /** How many of them were answered otherwise than by the node. */
  lied = 0;

  private constructor(server: Server, at: { url: string; node: string }) {
    this.#server = server;
    this.url = at.url;
    this.#node = at.node;
  }

  static async open(node: string): Promise<LyingProvider> {
    const server = createServer();
    const port = await freePort('127.0.0.1', randomInt(10_000, 32_000));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    const liar = new LyingProvider(server, { url: `http://127.0.0.1:${port}/a-secret-key`, node });
    server.on('request', async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      await liar.#serve(Buffer.concat(chunks).toString('utf8'), response);
    });
    return liar;
  }

  tell(lie: Lie) {
    this.lie = lie;
    this.asked = 0;
    this.lied = 0;
  }

  async close() {
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(body: string, response: ServerResponse) {
    this.asked++;
    const asked = JSON.parse(body) as LiarCall | LiarCall[];
    const { lie } = this;
    const answers = await Promise.all([asked].flat().map(call => this.#answer(call, lie)));
    const text = JSON.stringify(Array.isArray(asked) ? answers : answers[0]);
    if (lie.response?.(response, text)) return this.#noteLie(lie);
    response.setHeader('content-type', 'application/json');
    response.end(text);
  }

  /** One that was asked for before the present lie began counts for nothing. */
  #noteLie(lie: Lie) {
    if (lie === this.lie) this.lied++;
  }

  async #answer(call: LiarCall, lie: Lie): Promise<Answer> {
    const response = await fetch(this.#node, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...call, jsonrpc: '2.0', id: 1 }),
    });
    const honest = { ...((await response.json()) as Answer), id: call.id };
    const lied = lie.answer?.(call, honest.result);
    const answer: Answer = lied ? { jsonrpc: '2.0', id: call.id, ...lied } : honest;
    const sent = lie.envelope?.(answer) ?? answer;
    if (JSON.stringify(sent) !== JSON.stringify(honest)) this.#noteLie(lie);
    return sent;
  }
}
