/** Is the process alive, and may it be given work? Made for load balancers and supervisors. */
import type { FastifyInstance } from 'fastify';
import type { Vault } from '../lib/vault.ts';
import type { Db } from '../store/db.ts';
import { opensCanary } from '../store/installation.ts';
import { pendingMigrations } from '../store/migrate.ts';

export type HealthDeps = { db: Db; vault: Vault; isDraining: () => boolean };

const PATIENCE = 1000;

export async function healthRoutes(app: FastifyInstance, deps: HealthDeps): Promise<void> {
  // Whatever a probe sends along is of no interest.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.get('/healthz', async (_request, reply) => reply.send({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const checks = await check(deps);
    const ready = Object.values(checks).every(result => result === 'ok');
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', checks });
  });
}

async function check(deps: HealthDeps): Promise<Record<string, string>> {
  if (deps.isDraining()) return { process: 'stopping' };
  const [schema, masterKey] = await Promise.all([
    inTime(
      pendingMigrations(deps.db).then(pending => (pending.length === 0 ? 'ok' : 'migrations are pending')),
    ),
    inTime(opensCanary(deps.db, deps.vault).then(opens => (opens ? 'ok' : 'does not open what is stored'))),
  ]);
  return { process: 'ok', database: schema, master_key: masterKey };
}

async function inTime(checked: Promise<string>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>(resolve => {
    timer = setTimeout(() => resolve('no answer in time'), PATIENCE);
  });
  try {
    return await Promise.race([checked.catch(() => 'not reachable'), late]);
  } finally {
    clearTimeout(timer);
  }
}
