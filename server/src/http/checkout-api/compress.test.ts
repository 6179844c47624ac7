/** What is compressed, for whom, and that it is the same text. */
import { gunzipSync } from 'node:zlib';
import fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { compressText } from './compress.ts';

const text = 'Nordlicht '.repeat(1000);

const app = fastify();
compressText(app);
app.get('/text', (_request, reply) => reply.type('text/html').send(text));
app.get('/tagged', (_request, reply) => reply.header('etag', '"x"').send(text));
app.get('/short', (_request, reply) => reply.send('short'));

const get = (url: string, accepted?: string) =>
  app.inject({ url, headers: accepted === undefined ? {} : { 'accept-encoding': accepted } });

describe('text', () => {
  it.each(['gzip', 'gzip, deflate, br', 'br;q=1.0, GZIP;q=0.5', 'identity, gzip ; q=1'])(
    'is compressed for "%s"',
    async accepted => {
      const { headers, rawPayload } = await get('/text', accepted);
      expect(headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' });
      expect(headers['content-length']).toBe(String(rawPayload.length));
      expect(rawPayload.length).toBeLessThan(text.length / 10);
      expect(gunzipSync(rawPayload).toString()).toBe(text);
    },
  );

  it.each([undefined, '', 'br', 'gzip;q=0', 'gzip;q=0.000', 'gzip;q=none', '*', 'xgzip'])(
    'is sent as it is for "%s"',
    async accepted => {
      const { headers, payload } = await get('/text', accepted);
      expect(headers['content-encoding']).toBeUndefined();
      expect(headers.vary).toBe('accept-encoding');
      expect(payload).toBe(text);
    },
  );

  it.each(['/tagged', '/short'])('is left alone at %s', async url => {
    const { headers } = await get(url, 'gzip');
    expect(headers['content-encoding']).toBeUndefined();
  });
});
