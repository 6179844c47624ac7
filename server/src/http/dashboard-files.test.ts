import { fastify } from 'fastify';
import { expect, test } from 'vitest';
import { dashboardFiles } from './dashboard-files.ts';

test('files go compressed to whoever takes that, are kept for good, and apart from those that are not', async () => {
  const app = fastify();
  await app.register(dashboardFiles, { baseUrl: () => 'https://pay.example', prefix: '/dashboard' });
  const page = await app.inject('/dashboard/');
  const file = /assets\/index[^"]+\.js/.exec(page.body)?.[0];
  const sizes: number[] = [];
  for (const encoding of ['br', 'gzip', 'identity']) {
    const url = `/dashboard/${file}`;
    const { headers, rawPayload } = await app.inject({ url, headers: { 'accept-encoding': encoding } });
    expect(headers['content-encoding'] ?? 'identity').toBe(encoding);
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(headers.vary).toBe('accept-encoding');
    expect(headers['content-type']).toContain('javascript');
    sizes.push(rawPayload.length);
  }
  expect(sizes.toSorted((a, b) => a - b)).toEqual(sizes);
  await app.close();
});
