/** Requests to the API where the bytes themselves are the point; everything else goes through the published client. */
import { createHmac } from 'node:crypto';
import { request } from 'node:http';
import { connect } from 'node:net';
import { host } from '../gateway.ts';

export type Answer = { status: number; headers: Record<string, string | undefined>; text: string };

export type Message = {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
};

/** Sends one request on a connection of its own. A body is sent with any method, a GET too, in chunks if headers say so. */
export function send(port: number, { method = 'GET', path, headers = {}, body }: Message): Promise<Answer> {
  const isWhole = body !== undefined && !('transfer-encoding' in headers);
  const length = isWhole ? { 'content-length': String(Buffer.byteLength(body)) } : {};
  return new Promise((resolve, reject) => {
    const sent = request(
      { host, port, method, path, headers: { ...length, ...headers }, agent: false },
      response => {
        const chunks: Buffer[] = [];
        response.on('data', chunk => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers as Answer['headers'],
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Sends bytes as they are and answers what came back until the server had answered one request in full. */
export function sendBytes(port: number, bytes: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host, () => socket.write(bytes));
    let text = '';
    const finish = () => {
      const answer = readAnswer(text);
      if (!answer) return;
      socket.destroy();
      resolve(answer);
    };
    socket.setEncoding('utf8');
    socket.on('data', chunk => {
      text += chunk;
      finish();
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`the connection was closed after: ${text}`)));
  });
}

function readAnswer(text: string): Answer | null {
  const [head = '', body] = text.split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map(line => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  );
  if (body === undefined || Buffer.byteLength(body) < Number(headers['content-length'])) return null;
  return { status: Number(statusLine.split(' ')[1]), headers, text: body };
}

type Keys = { publicKey: string; privateKey: string };

export function keyHeaders({ publicKey, privateKey }: Keys): Record<string, string> {
  return { 'public-key': publicKey, 'private-key': privateKey };
}

/** Signs `query`, which the caller wrote out by hand as PHP would: sorted, with api_key, URL-encoded. */
export function signed({ publicKey, privateKey }: Keys, query: string): Record<string, string> {
  const signature = createHmac('sha256', privateKey).update(query).digest('hex');
  return { 'public-key': publicKey, signature };
}

/** A POST of JSON text to `invoice`. */
export function creating(headers: Record<string, string>, body: string | Buffer): Message {
  return {
    method: 'POST',
    path: '/api/v1/invoice',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  };
}

/** The `errors` of a 400, checked to be lists of texts; fails on any other answer. */
export function errorsOf({ status, text }: Answer): Record<string, string[]> {
  const { success, data } = JSON.parse(text);
  if (status !== 400 || success !== false || data.message !== 'Invalid request data')
    throw new Error(`not a 400 of fields: ${status} ${text}`);
  const lists = Object.values(data.errors);
  const good =
    lists.length > 0 &&
    lists.every(list => Array.isArray(list) && list.length > 0 && list.every(one => typeof one === 'string'));
  if (!good) throw new Error(`the errors are not lists of texts: ${text}`);
  return data.errors;
}
