/** A mail server of a test: it takes what it is given, or says nothing at all. */
import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

export type MailServer = { port: number; heard: string[]; server: Server };

export async function openMailServer({ silent = false } = {}): Promise<MailServer> {
  const heard: string[] = [];
  const server = createServer(socket => {
    let inData = false;
    socket.on('error', () => undefined);
    if (!silent) socket.write('220 test\r\n');
    socket.on('data', data => {
      const text = data.toString();
      heard.push(text);
      if (silent) return;
      if (inData) {
        if (!text.endsWith('\r\n.\r\n')) return;
        inData = false;
        socket.write('250 taken\r\n');
      } else if (/^DATA/i.test(text)) {
        inData = true;
        socket.write('354 go on\r\n');
      } else socket.write('250 ok\r\n');
    });
  });
  for (;;) {
    const port = randomInt(10_000, 32_000);
    const isOpen = await new Promise<boolean>(resolve => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (isOpen) return { port, heard, server };
  }
}
