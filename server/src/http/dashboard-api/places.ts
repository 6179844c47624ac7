/** What forms can offer: the networks that are watched here with their coins, the currencies, and whether an address is one. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { parseAddress } from '../../chains/registry.ts';
import { type Rule, rule } from '../../commands/rule.ts';
import { type AssetCode, coinsOf, isNative, type NetworkCode } from '../../domain/asset.ts';
import { BASE_CURRENCY, currencyCodes } from '../../domain/currency.ts';
import { defaultSetting } from '../../domain/currency-state.ts';
import { defaultDigits } from '../../domain/tail.ts';
import { currencySettings } from '../../store/currencies.ts';
import { bodyOf } from './body.ts';
import type { DashboardDeps } from './deps.ts';
import { invalidFields } from './errors.ts';

export type PlacesAnswer = {
  networks: {
    code: NetworkCode;
    name: string;
    family: 'evm' | 'tron';
    /** `digits`: of a new wallet; `in_logs`: whether what contracts send of it is seen. */
    coins: { asset: AssetCode; decimals: number; digits: number; in_logs: boolean }[];
  }[];
  /** Codes that prices may be in. */
  currencies: string[];
  /** How long a further wallet for the same coin and network waits, in hours. */
  wallet_hold_hours: number;
};

/** `address` is the address as it will be shown; null with what is wrong with it, in English and as a rule. */
export type AddressAnswer = { address: string; fault: null } | { address: null; fault: string; rule: Rule };

const addressBody = z.strictObject({
  network: z.string('must be a text').max(50, 'is too long'),
  address: z.string('must be a text').max(500, 'is too long'),
});

export function placesRoutes(app: FastifyInstance, deps: DashboardDeps): void {
  const { db, networks, hold } = deps;
  app.get('/places', async (_request, reply) => {
    const settings = await currencySettings(db);
    const isOn = (code: string) => (settings.get(code) ?? defaultSetting(code)).enabled;
    const answer: PlacesAnswer = {
      networks: [...networks.values()].map(network => ({
        code: network.code,
        name: network.names[0] ?? network.code,
        family: network.family,
        coins: coinsOf(network).map(({ asset, decimals }) => ({
          asset,
          decimals,
          digits: defaultDigits(asset),
          in_logs: !isNative(asset),
        })),
      })),
      currencies: [BASE_CURRENCY, ...currencyCodes.filter(isOn)],
      wallet_hold_hours: hold.length / 3_600_000,
    };
    return reply.send(answer);
  });
  // A body and not a query: what people paste by mistake, a recovery phrase, must not stand in any log of addresses.
  app.post('/address-check', async (request, reply) => {
    const { network: code, address } = bodyOf(addressBody, request);
    const network = networks.get(code as NetworkCode);
    if (!network)
      throw invalidFields([{ field: 'network', text: 'is not configured here', ...rule('network') }]);
    const parsed = parseAddress(network, address.trim());
    const answer: AddressAnswer = parsed.ok
      ? { address: parsed.value.text, fault: null }
      : { address: null, fault: parsed.fault, ...rule('address', { network: network.code }) };
    return reply.send(answer);
  });
}
