/** An address as somebody enters it, judged by the server while it is typed, with a word on what its checksum can tell. */
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AddressAnswer, PlacesAnswer } from '../../../../server/src/http/dashboard-api/places.ts';
import { ask } from '../../lib/api.ts';
import { TextField } from '../../parts/field.tsx';
import { faultInWords } from '../../words/faults.ts';

/** Shorter than any address: nothing is said of it yet. */
const SHORTEST = 30;

type Props = { network: PlacesAnswer['networks'][number]; error?: string | undefined };

export function AddressField({ network, error }: Props) {
  const { t } = useTranslation('wallets');
  const [text, setText] = useState('');
  const address = useDeferredValue(text.trim());
  const { data } = useQuery({
    queryKey: ['address', network.code, address],
    queryFn: ({ signal }) =>
      ask<AddressAnswer>('POST', 'address-check', { body: { network: network.code, address }, signal }),
    enabled: address.length >= SHORTEST,
    // What was pasted by mistake is not kept.
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <>
      <TextField
        label={t('address')}
        name="address"
        value={text}
        onChange={({ target }) => setText(target.value)}
        required
        maxLength={200}
        spellCheck={false}
        autoCapitalize="none"
        autoComplete="off"
        className="font-mono"
        hint={t(`checksum_${network.family}`)}
        error={data && data.address === null ? faultInWords({ text: data.fault, rule: data.rule }) : error}
      />
      <p role="status" className="text-sm text-good empty:hidden">
        {data?.address && `${t('valid', { network: network.name })} ${t('compare')}`}
      </p>
    </>
  );
}
