/** What the pages of merchants, wallets and links ask of the server. */
import { queryOptions } from '@tanstack/react-query';
import type { MerchantAnswer, MerchantsAnswer } from '../../../../server/src/http/dashboard-api/merchants.ts';
import type { PlacesAnswer } from '../../../../server/src/http/dashboard-api/places.ts';
import type { WalletsAnswer } from '../../../../server/src/http/dashboard-api/wallets.ts';
import { ask } from '../../lib/api.ts';

export const merchantsQuery = (userId: number) =>
  queryOptions({
    queryKey: ['merchants', userId],
    queryFn: ({ signal }) => ask<MerchantsAnswer>('GET', `users/${userId}/merchants`, { signal }),
  });

/** Where a merchant is asked for, below the API. */
export type MerchantPath = { userId: number; merchantId: number };
export const pathOf = ({ userId, merchantId }: MerchantPath): string =>
  `users/${userId}/merchants/${merchantId}`;

export const merchantQuery = (of: MerchantPath) =>
  queryOptions({
    queryKey: ['merchant', of.userId, of.merchantId],
    queryFn: ({ signal }) => ask<MerchantAnswer>('GET', pathOf(of), { signal }),
  });

export const walletsQuery = (of: MerchantPath) =>
  queryOptions({
    queryKey: ['wallets', of.userId, of.merchantId],
    queryFn: ({ signal }) => ask<WalletsAnswer>('GET', `${pathOf(of)}/wallets`, { signal }),
    refetchInterval: 60_000,
  });

/** Of the installation: it changes with the configuration alone. */
export const placesQuery = queryOptions({
  queryKey: ['places'],
  queryFn: ({ signal }) => ask<PlacesAnswer>('GET', 'places', { signal }),
  staleTime: 300_000,
});
