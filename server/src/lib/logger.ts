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

/** How many lines of each alarm were logged. */
export type AlarmCounts = ReadonlyMap<string, number>;

const counts = new WeakMap<Logger, AlarmCounts>();

/** What a logger has counted, its children's lines too. */
export const alarmsOf = (logger: Logger): AlarmCounts => counts.get(logger) ?? new Map();

/** `level` as pino's, `silent` for none. */
export function createLogger(level: string): Logger {
  const alarms = new Map<string, number>();
  const logger = pino(
    {
      // What is not logged is not seen by the hook either, and alarms are counted also where nothing is written.
      level: level === 'silent' ? 'error' : level,
      hooks: {
        logMethod(line, log) {
          const [first]: unknown[] = line;
          const alarm = typeof first === 'object' && first !== null && 'alarm' in first ? first.alarm : null;
          if (typeof alarm === 'string') alarms.set(alarm, (alarms.get(alarm) ?? 0) + 1);
          log.apply(this, line);
        },
      },
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: SECRETS.flatMap(name => [`["${name}"]`, `*["${name}"]`, `*.headers["${name}"]`]),
    },
    level === 'silent' ? { write: () => undefined } : pino.destination({ dest: 2, sync: true }),
  );
  counts.set(logger, alarms);
  return logger;
}
