/** What invoices may be priced in: the sources' rates, and what the operator has set. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { setCurrency } from '../../commands/currency-settings.ts';
import { type CurrencyKind, kindOf } from '../../domain/currency.ts';
import { defaultSetting } from '../../domain/currency-state.ts';
import { formatNumber } from '../../domain/money.ts';
import { currencySettings } from '../../store/currencies.ts';
import { bodyOf, shortText } from './body.ts';
import type { DashboardDeps } from './deps.ts';
import { asVisitor, checked, given } from './own-merchant.ts';
import { authorizeOperator } from './visit.ts';

const currencyBody = z
  .strictObject({
    enabled: z.boolean('must be true or false'),
    pinned_rate: shortText.nullable(),
    spread: shortText,
  })
  .partial();
export type CurrencyBody = z.input<typeof currencyBody>;

/** Rates are how many units make one US dollar, the spread included; a spread of 0.01 is one percent. */
export type CurrenciesAnswer = {
  currencies: {
    code: string;
    kind: CurrencyKind;
    /** As the operator has it. */
    enabled: boolean;
    /** Why none can be priced in it although it is on; null where it can, or is off. */
    why: string | null;
    rate: string | null;
    pinned_rate: string | null;
    spread: string;
    /** Sources that say something else than the others. */
    off: string[];
  }[];
};

export function operatorCurrencyRoutes(app: FastifyInstance, deps: DashboardDeps): void {
  app.get('/operator/currencies', async (request, reply) => {
    authorizeOperator(request, 'operator.audit');
    return reply.send(await currencies(deps));
  });
  app.patch('/operator/currencies/:code', async (request, reply) => {
    const { enabled, pinned_rate: pinnedRate, spread } = bodyOf(currencyBody, request);
    authorizeOperator(request, 'operator.currencies');
    const changes = given({ enabled, pinnedRate, spread });
    checked(await setCurrency(asVisitor(deps, request), codeOf(request), changes));
    return reply.code(204).send();
  });
}

const codeOf = ({ params }: FastifyRequest): string => (params as { code?: string }).code ?? '';

async function currencies({ db, clock, book }: DashboardDeps): Promise<CurrenciesAnswer> {
  const settings = await currencySettings(db);
  const lines = book.list(clock.now()).flatMap(state => {
    const kind = kindOf(state.currency);
    if (!kind) return [];
    const { enabled, pinnedRate, spread } = settings.get(state.currency) ?? defaultSetting(state.currency);
    return {
      code: state.currency,
      kind,
      enabled,
      why: enabled && state.status === 'disabled' && state.why !== 'switched_off' ? state.why : null,
      rate: state.rate && formatNumber(state.rate),
      pinned_rate: pinnedRate && formatNumber(pinnedRate),
      spread: formatNumber(spread),
      off: state.off.map(({ source }) => source),
    };
  });
  return { currencies: lines };
}
