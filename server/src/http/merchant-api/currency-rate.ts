/** GET /api/v1/currency-rate and /currency-rate/{code}/status: how many units of a currency make one US dollar. */
import type { FastifyInstance } from 'fastify';
import { BASE_CURRENCY } from '../../domain/currency.ts';
import { type Decimal, formatNumber } from '../../domain/money.ts';
import type { Clock } from '../../lib/clock.ts';
import type { RateBook } from '../../rates/rate-book.ts';
import { ExactNumber } from '../wire.ts';
import { sendData } from './envelope.ts';

export type CurrencyRateDeps = { book: RateBook; clock: Clock };

/** The dollar is worth itself, always. */
const BASE = { currency: BASE_CURRENCY, status: 'enabled', rate: { units: 1n, scale: 0 } } as const;

export function currencyRateRoutes(app: FastifyInstance, { book, clock }: CurrencyRateDeps): void {
  app.get('/currency-rate', async (_request, reply) => {
    const known = [...book.list(clock.now()), BASE].flatMap(({ currency, rate, status }) =>
      rate ? [{ currency, rate: exact(rate), status }] : [],
    );
    return sendData(
      reply,
      known.sort((a, b) => (a.currency < b.currency ? -1 : 1)),
    );
  });
  app.get<{ Params: { code: string } }>('/currency-rate/:code/status', async (request, reply) => {
    const { code } = request.params;
    const state = code === BASE_CURRENCY ? BASE : book.find(code, clock.now());
    if (!state) return sendData(reply, { status: 'not_supported', rate: null });
    return sendData(reply, { status: state.status, rate: state.rate && exact(state.rate) });
  });
}

function exact(rate: Decimal): ExactNumber {
  return new ExactNumber(formatNumber(rate));
}
