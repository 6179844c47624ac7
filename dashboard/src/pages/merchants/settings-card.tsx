/** A section of a merchant's settings: a form that saves what its person may change, and shows it to everybody else. */
import type { FormEvent, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Permission } from '../../../../server/src/domain/role.ts';
import type { MerchantBody } from '../../../../server/src/http/dashboard-api/merchants.ts';
import { ask } from '../../lib/api.ts';
import { Refused } from '../../lib/failure.tsx';
import { Button } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { fieldsIn } from '../../session/form-values.ts';
import { fieldsOf, useAct } from '../../session/use-act.ts';
import { useSession } from '../../session/use-session.ts';
import type { Section } from './merchant.tsx';
import { merchantQuery, merchantsQuery, pathOf } from './queries.ts';

type Values = { text: (name: string) => string; checked: (name: string) => boolean };
type Props = Section & {
  title: string;
  permission: Permission;
  bodyOf: (values: Values) => MerchantBody;
  children: (faults: Record<string, string>) => ReactNode;
};

export function SettingsCard({ userId, merchant, title, permission, bodyOf, children }: Props) {
  const { t } = useTranslation();
  const { may } = useSession();
  const of = { userId, merchantId: merchant.id };
  const act = useAct((body: MerchantBody) => ask('PATCH', pathOf(of), { body }), {
    refresh: [merchantQuery(of).queryKey, merchantsQuery(userId).queryKey],
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    act.mutate(bodyOf({ text: fieldsIn(form), checked: name => data.has(name) }));
  };
  return (
    <Card title={title}>
      <form onSubmit={submit}>
        <fieldset disabled={!may(permission)} className="grid gap-4">
          <legend className="sr-only">{title}</legend>
          {children(fieldsOf(act.error))}
          <Refused error={act.error} />
          {may(permission) && (
            <div className="flex items-center gap-3">
              <Button type="submit" busy={act.isPending}>
                {t('save')}
              </Button>
              <span role="status" className="text-good">
                {act.isSuccess && t('saved')}
              </span>
            </div>
          )}
        </fieldset>
      </form>
    </Card>
  );
}

/** Lines of a text, for settings that are lists. */
export const linesOf = (text: string): string[] =>
  text
    .split(/[\n,]/)
    .map(line => line.trim())
    .filter(line => line !== '');
