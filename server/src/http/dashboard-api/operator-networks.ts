/** The networks as this installation reads them, and the providers it reads them by. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { askProviderAgain } from '../../commands/ask-provider-again.ts';
import { type NetworkCode, networkCodes } from '../../domain/asset.ts';
import { lag, MAX_LAG } from '../../domain/network-lag.ts';
import { allCursors, type Cursor } from '../../store/cursors.ts';
import { openInvoicesOn } from '../../store/network-invoices.ts';
import { listProviders, type ProviderRow } from '../../store/providers.ts';
import { bodyOf, shortText } from './body.ts';
import type { DashboardDeps } from './deps.ts';
import { DashboardError } from './errors.ts';
import { asVisitor } from './own-merchant.ts';
import { authorizeOperator } from './visit.ts';

const providerBody = z.strictObject({
  network: z.enum(networkCodes, `must be one of ${networkCodes.join(', ')}`),
  provider: shortText,
});
export type ProviderBody = z.input<typeof providerBody>;

/** Heights are of blocks; times and `lag` in ms. Beyond `most_lag` no invoice is made on a network. */
export type NetworksAnswer = {
  now: number;
  most_lag: number;
  networks: {
    code: NetworkCode;
    state: 'waiting' | 'reading' | 'lagging' | 'retired';
    lag: number | null;
    read: number | null;
    final: number | null;
    tip: number | null;
    open_invoices: number;
    providers: Omit<ProviderRow, 'network'>[];
  }[];
};

export function operatorNetworkRoutes(app: FastifyInstance, deps: DashboardDeps): void {
  app.get('/operator/networks', async (request, reply) => {
    authorizeOperator(request, 'operator.audit');
    return reply.send(await networksAnswer(deps));
  });
  app.post('/operator/networks/restore', async (request, reply) => {
    const asked = bodyOf(providerBody, request);
    authorizeOperator(request, 'operator.networks');
    if (!(await askProviderAgain(asVisitor(deps, request), asked)))
      throw new DashboardError(404, 'not_found', 'There is nothing here.');
    return reply.code(204).send();
  });
}

export type NetworksDeps = Pick<DashboardDeps, 'db' | 'clock' | 'networks'>;

export async function networksAnswer({ db, clock, networks }: NetworksDeps): Promise<NetworksAnswer> {
  const now = clock.now();
  const [cursors, providers] = await Promise.all([allCursors(db), listProviders(db, null)]);
  const known = [...cursors, ...providers].map(({ network }) => network);
  const codes = [...new Set([...networks.keys(), ...known])];
  const lines = codes.map(async code => {
    const cursor = cursors.find(({ network }) => network === code) ?? null;
    const behind = cursor && lagOf(cursor, now, networks.get(code)?.onDemand ?? false);
    return {
      code,
      state: stateOf(cursor, behind),
      lag: behind,
      read: cursor?.height ?? null,
      final: cursor?.final_height ?? null,
      tip: cursor?.tip_height ?? null,
      open_invoices: (await openInvoicesOn(db, code)).open,
      providers: providers.filter(({ network }) => network === code).map(({ network: _, ...row }) => row),
    };
  });
  return { now, most_lag: MAX_LAG, networks: await Promise.all(lines) };
}

const lagOf = (cursor: Cursor, now: number, onDemand: boolean) =>
  lag({ scannedAt: cursor.block_time, caughtUpAt: cursor.caught_up_at }, now, onDemand);

type State = NetworksAnswer['networks'][number]['state'];

function stateOf(cursor: Cursor | null, behind: number | null): State {
  if (!cursor || behind === null) return 'waiting';
  if (cursor.retired_at !== null) return 'retired';
  return behind > MAX_LAG ? 'lagging' : 'reading';
}
