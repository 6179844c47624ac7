/** Sending a letter by the operator's SMTP server. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const settings = z.strictObject({
  host: z.string().min(1),
  port: z.int().min(1).max(65_535).default(587),
  user: z.string().min(1).optional(),
  password: z.string().min(1).optional(),
  passwordFile: z.string().min(1).optional(),
  from: z.string().min(3).max(320),
  tls: z.enum(['starttls', 'implicit', 'none']).default('starttls'),
});

/** `smtp` of the configuration. The password may be in a file, which is read here. */
export const smtpSettings = settings.transform(({ passwordFile, ...smtp }, context) => {
  if (passwordFile === undefined) return smtp;
  try {
    return { ...smtp, password: readFileSync(passwordFile, 'utf8').trim() };
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    context.addIssue({ code: 'custom', path: ['passwordFile'], message: `cannot be read (${reason})` });
    return z.NEVER;
  }
});

export type SmtpSettings = z.output<typeof smtpSettings>;
export type Letter = { to: string; subject: string; text: string };
export type SendLetter = (letter: Letter, signal: AbortSignal) => Promise<void>;

/** Sends by this server. */
export const bySmtp =
  (smtp: SmtpSettings): SendLetter =>
  (letter, signal) =>
    sendBySmtp(smtp, letter, signal);

const CONNECT = 10_000;
const ANSWER = 15_000;
const WHOLE = 45_000;

/** Throws when the server did not take the letter, or not in time, or `signal` ends. */
export async function sendBySmtp(smtp: SmtpSettings, letter: Letter, signal: AbortSignal): Promise<void> {
  const { host, port, user, password, from, tls } = smtp;
  // Loaded by those who send letters; a start does not wait for it.
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    ...(user !== undefined && { auth: { user, pass: password ?? '' } }),
    connectionTimeout: CONNECT,
    greetingTimeout: CONNECT,
    socketTimeout: ANSWER,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const end = AbortSignal.any([signal, AbortSignal.timeout(WHOLE)]);
  try {
    await Promise.race([transport.sendMail({ from, ...letter }), aborted(end)]);
  } finally {
    transport.close();
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const give = () => reject(new Error('the letter was not sent in time'));
    if (signal.aborted) give();
    else signal.addEventListener('abort', give, { once: true });
  });
}
