/** JSON lines on standard error, so that standard output stays free for what a command answers. */
import { type Logger, pino } from 'pino';

export type { Logger };

/** Header and field names whose values never reach a log. */
const SECRETS = [
  'private-key',
  'privateKey',
  'private_key',
  'signature',
  'signature-v2',
  'authorization',
  'cookie',
  'password',
];

/** `level` as pino's, `silent` for none. */
export function createLogger(level: string): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: SECRETS.flatMap(name => [`["${name}"]`, `*["${name}"]`, `*.headers["${name}"]`]),
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
