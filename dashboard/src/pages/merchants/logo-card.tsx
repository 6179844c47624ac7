/** The picture beside a merchant's name, as payers see it. */
import { type ChangeEvent, useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { LogoBody } from '../../../../server/src/http/dashboard-api/merchant-logo.ts';
import { ask } from '../../lib/api.ts';
import { classNames } from '../../lib/class-names.ts';
import { Refused } from '../../lib/failure.tsx';
import { Button } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { fieldsOf, useAct } from '../../session/use-act.ts';
import { useSession } from '../../session/use-session.ts';
import type { Section } from './merchant.tsx';
import { logoAddress } from './merchants.tsx';
import { merchantQuery, merchantsQuery, pathOf } from './queries.ts';

export function LogoCard({ userId, merchant }: Section) {
  const { t } = useTranslation('merchants');
  const id = useId();
  const { may } = useSession();
  const of = { userId, merchantId: merchant.id };
  const refresh = [merchantQuery(of).queryKey, merchantsQuery(userId).queryKey];
  const put = useAct(
    async (file: File) => {
      const body: LogoBody = { logo: await base64Of(file) };
      return ask('PUT', `${pathOf(of)}/logo`, { body });
    },
    { refresh },
  );
  const remove = useAct(() => ask('DELETE', `${pathOf(of)}/logo`), { refresh });
  const choose = ({ target }: ChangeEvent<HTMLInputElement>) => {
    const [file] = target.files ?? [];
    if (file) put.mutate(file);
    target.value = '';
  };
  const fault = fieldsOf(put.error).logo;
  return (
    <Card title={t('logo')}>
      <div className="grid gap-4">
        {merchant.logo && (
          <img
            src={logoAddress(merchant.logo)}
            alt={t('logo')}
            className="h-16 max-w-full justify-self-start object-contain"
          />
        )}
        {may('merchants.edit') && (
          <>
            <input
              id={id}
              type="file"
              accept="image/png,image/jpeg,image/webp"
              onChange={choose}
              disabled={put.isPending}
              aria-label={t('logo')}
              aria-describedby={`${id}-hint`}
              className={classNames(
                'max-w-full text-sm text-muted file:mr-3 file:cursor-pointer file:font-medium file:text-text',
                'file:min-h-8 file:rounded-lg file:border file:border-solid file:border-edge file:bg-card file:px-2.5 file:text-sm hover:file:bg-ground',
              )}
            />
            <p id={`${id}-hint`} className="text-sm text-muted">
              {t('logoHint')}
            </p>
            {fault ? (
              <p role="alert" className="text-sm text-bad">
                {fault}
              </p>
            ) : (
              <Refused error={put.error ?? remove.error} />
            )}
            {merchant.logo && (
              <Button
                small
                className="justify-self-start"
                busy={remove.isPending}
                onClick={() => remove.mutate()}
              >
                {t('logoRemove')}
              </Button>
            )}
          </>
        )}
      </div>
    </Card>
  );
}

async function base64Of(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = '';
  for (let at = 0; at < bytes.length; at += 0x8000)
    binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(binary);
}
