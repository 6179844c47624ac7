/** How the installation is: what it is, how people come in, its database, and what waits to be done. */
import type { FastifyInstance } from 'fastify';
import type { Registration } from '../../domain/registration.ts';
import { forgedInvoices, forgedWallets } from '../../store/genuine-wallets.ts';
import { pendingMigrations } from '../../store/migrate.ts';
import { databaseFacts, MOST_COUNTED, type Queues, queues } from '../../store/operator-views.ts';
import { ratesFetchedAt } from '../../store/overview.ts';
import type { DashboardDeps } from './deps.ts';
import { authorizeOperator } from './visit.ts';

/** Times in ms; each queue is counted up to `most_counted`. */
export type HealthAnswer = {
  now: number;
  node: string;
  base_url: string;
  registration: Registration;
  mail: boolean;
  database: { version: string; bytes: number; pending_migrations: string[] };
  rates_fetched_at: number | null;
  /** Addresses of wallets, and of open invoices, that were changed in the database. */
  forged_addresses: number;
  queues: Queues;
  most_counted: number;
};

export function operatorHealthRoute(app: FastifyInstance, deps: DashboardDeps): void {
  app.get('/operator/health', async (request, reply) => {
    authorizeOperator(request, 'operator.audit');
    const { db, vault, clock, registration, mail, baseUrl } = deps;
    const forged = [...(await forgedWallets(db, vault)), ...(await forgedInvoices(db, vault))];
    const answer: HealthAnswer = {
      now: clock.now(),
      node: process.version,
      base_url: baseUrl(),
      registration,
      mail,
      database: { ...(await databaseFacts(db)), pending_migrations: await pendingMigrations(db) },
      rates_fetched_at: await ratesFetchedAt(db),
      forged_addresses: forged.length,
      queues: await queues(db),
      most_counted: MOST_COUNTED,
    };
    return reply.send(answer);
  });
}
