import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openMailServer } from '../../../test/mail-server.ts';
import { sendBySmtp, smtpSettings } from './smtp.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function mailServer(options: { silent?: boolean } = {}) {
  const opened = await openMailServer(options);
  servers.push(opened.server);
  return opened;
}

const letter = {
  to: 'anna@example.com',
  subject: 'CryptoScan: Тема',
  text: 'Hello\n\nhttps://pay.example/x#y\n',
};

test('a letter reaches the mail server as it was written', async () => {
  const { port, heard } = await mailServer();
  const smtp = smtpSettings.parse({ host: '127.0.0.1', port, from: 'pay@example.com', tls: 'none' });
  await sendBySmtp(smtp, letter, new AbortController().signal);
  const all = heard.join('');
  expect(all).toMatch(/MAIL FROM:<pay@example.com>/);
  expect(all).toMatch(/RCPT TO:<anna@example.com>/);
  expect(all).toContain('https://pay.example/x#y');
});

test('without TLS it is not sent where TLS is demanded', async () => {
  const { port, heard } = await mailServer();
  const smtp = smtpSettings.parse({ host: '127.0.0.1', port, from: 'pay@example.com' });
  await expect(sendBySmtp(smtp, letter, new AbortController().signal)).rejects.toThrow();
  expect(heard.join('')).not.toContain('RCPT');
});

test('a server that says nothing is left when the process stops', async () => {
  const { port } = await mailServer({ silent: true });
  const smtp = smtpSettings.parse({ host: '127.0.0.1', port, from: 'pay@example.com', tls: 'none' });
  const stopping = new AbortController();
  const sending = sendBySmtp(smtp, letter, stopping.signal);
  stopping.abort();
  await expect(sending).rejects.toThrow('not sent');
});

test('the password may be in a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cryptoscan-smtp-'));
  try {
    writeFileSync(join(folder, 'password'), 'secret\n');
    const given = { host: 'mail.example', from: 'pay@example.com', user: 'pay' };
    const parsed = smtpSettings.parse({ ...given, passwordFile: join(folder, 'password') });
    expect(parsed).toEqual({ ...given, port: 587, tls: 'starttls', password: 'secret' });
    const missing = smtpSettings.safeParse({ ...given, passwordFile: join(folder, 'none') });
    expect(missing.error?.issues[0]?.message).toBe('cannot be read (ENOENT)');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
