import { createSocket, type Socket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveHost } from './resolve-host.ts';

const never = new AbortController().signal;
const folder = mkdtempSync(join(tmpdir(), 'resolve-host-'));
const noHosts = join(folder, 'absent');
let server: Socket;
let servers: string[];
let asked: string[] = [];

/** Answers by the first label: `both` has A and AAAA, `four` only A, `none` neither, `missing` is NXDOMAIN, `silent` nothing. */
function answer(query: Buffer): Buffer | undefined {
  const label = query.toString('latin1', 13, 13 + query.readUInt8(12));
  asked.push(label);
  const question = query.subarray(12, query.indexOf(0, 12) + 5);
  const ipv4 = question.readUInt16BE(question.length - 4) === 1;
  if (label === 'silent' || (label === 'half' && !ipv4)) return undefined;
  const found = label === 'both' || (['four', 'half'].includes(label) && ipv4);
  const header = Buffer.from(query.subarray(0, 12));
  header.writeUInt16BE(label === 'missing' ? 0x8183 : 0x8180, 2);
  header.writeUInt16BE(found ? 1 : 0, 6);
  header.writeUInt32BE(0, 8);
  const address = ipv4 ? [192, 0, 2, 7] : [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7];
  const record = Buffer.from([0xc0, 12, 0, ipv4 ? 1 : 28, 0, 1, 0, 0, 0, 0, 0, address.length, ...address]);
  return Buffer.concat(found ? [header, question, record] : [header, question]);
}

beforeAll(async () => {
  server = createSocket('udp4');
  server.on('message', (query, from) => {
    const reply = answer(query);
    if (reply) server.send(reply, from.port, from.address);
  });
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 22_000);
    const bound = await new Promise<boolean>(resolve => {
      server.once('error', () => resolve(false));
      server.bind(port, '127.0.0.1', () => resolve(true));
    });
    if (!bound) continue;
    servers = [`127.0.0.1:${port}`];
    return;
  }
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const resolve = (host: string, signal = never) => resolveHost(host, signal, { servers, hostsFile: noHosts });

describe('resolveHost', () => {
  it('gives the addresses of both families, IPv4 first', async () => {
    expect(await resolve('both.shop.test')).toEqual([
      { address: '192.0.2.7', family: 4 },
      { address: '2001:db8::7', family: 6 },
    ]);
  });

  it('is content with one family', async () => {
    expect(await resolve('four.shop.test')).toEqual([{ address: '192.0.2.7', family: 4 }]);
  });

  it('uses the family that answers when the servers swallow questions for the other', async () => {
    expect(await resolve('half.shop.test')).toEqual([{ address: '192.0.2.7', family: 4 }]);
  });

  it('rejects a name that does not exist or has no address', async () => {
    await expect(resolve('missing.shop.test')).rejects.toMatchObject({ code: 'ENOTFOUND' });
    await expect(resolve('none.shop.test')).rejects.toMatchObject({ code: 'ENODATA' });
  });

  it('gives up on a silent server as soon as the signal aborts', async () => {
    const stop = new AbortController();
    asked = [];
    const waiting = resolve('silent.shop.test', stop.signal);
    await expect.poll(() => asked, { timeout: 20_000 }).toContain('silent');
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'ECANCELLED' });
    await expect(resolve('both.shop.test', stop.signal)).rejects.toThrow();
  });

  it('lets the hosts file decide, without asking anybody', async () => {
    const hostsFile = join(folder, 'hosts');
    writeFileSync(
      hostsFile,
      '# 192.0.2.99 shop.test\n192.0.2.8\tother.test Shop.Test # main\nfd00::8 shop.test\nnot-an-ip shop.test\n',
    );
    asked = [];
    const local = (host: string) => resolveHost(host, never, { servers, hostsFile });
    const both = [
      { address: '192.0.2.8', family: 4 },
      { address: 'fd00::8', family: 6 },
    ];
    expect(await local('shop.test')).toEqual(both);
    expect(await local('SHOP.test.')).toEqual(both);
    expect(asked).toEqual([]);
    expect(await local('four.shop.test')).toHaveLength(1);
  });
});
