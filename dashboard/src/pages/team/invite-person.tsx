/** Inviting somebody. Where no letters are sent, the link is shown once, to be handed on. */
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { InvitedAnswer } from '../../../../server/src/http/dashboard-api/invitations.ts';
import { ask } from '../../lib/api.ts';
import { Refused } from '../../lib/failure.tsx';
import { Button } from '../../parts/button.tsx';
import { Code } from '../../parts/code.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { SelectField, TextField } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { fieldsIn } from '../../session/form-values.ts';
import { fieldsOf, useAct } from '../../session/use-act.ts';
import { useSession } from '../../session/use-session.ts';
import { grantedBy } from './roles.ts';

type Invited = { email: string; link: string | null };

/** `withRole`: to a team; else to an account of their own, which has no role to choose. */
export function InvitePerson({ path, withRole = false }: { path: string; withRole?: boolean }) {
  const { t } = useTranslation('team');
  const [open, setOpen] = useState(false);
  const [invited, setInvited] = useState<Invited | null>(null);
  const close = () => {
    setOpen(false);
    setInvited(null);
  };
  return (
    <>
      <Button tone="strong" onClick={() => setOpen(true)}>
        {t('invite')}
      </Button>
      <Dialog
        open={open}
        onOpenChange={shown => (shown ? setOpen(true) : close())}
        title={t(invited?.link ? 'linkTitle' : 'invite')}
        lead={invited ? '' : t('inviteLead')}
      >
        {invited ? (
          <Told {...invited} onClose={close} />
        ) : (
          <Form path={path} withRole={withRole} onDone={setInvited} />
        )}
      </Dialog>
    </>
  );
}

type FormProps = { path: string; withRole: boolean; onDone: (invited: Invited) => void };

function Form({ path, withRole, onDone }: FormProps) {
  const { t } = useTranslation('team');
  const { account } = useSession();
  const act = useAct((body: { email: string; role?: string }) => ask<InvitedAnswer>('POST', path, { body }), {
    refresh: [['invitations', path]],
    onDone: ({ link }, { email }) => onDone({ email, link }),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const value = fieldsIn(event.currentTarget);
    act.mutate({ email: value('email').trim(), ...(withRole && { role: value('role') }) });
  };
  const faults = fieldsOf(act.error);
  return (
    <form onSubmit={submit} className="grid gap-4">
      <TextField
        label={t('email')}
        name="email"
        type="email"
        autoComplete="off"
        required
        autoFocus
        error={faults.email}
      />
      {withRole && (
        <SelectField label={t('role')} name="role" defaultValue="developer" error={faults.role}>
          {grantedBy(account?.role ?? '').map(role => (
            <option key={role} value={role}>
              {`${t(`session:role_${role}`)} – ${t(`does_${role}`)}`}
            </option>
          ))}
        </SelectField>
      )}
      <Refused error={act.error} />
      <Button type="submit" tone="strong" busy={act.isPending}>
        {t('send')}
      </Button>
    </form>
  );
}

function Told({ email, link, onClose }: Invited & { onClose: () => void }) {
  const { t } = useTranslation('team');
  return (
    <div className="grid gap-4">
      {link === null ? (
        <Notice tone="good">{t('mailed', { email })}</Notice>
      ) : (
        <>
          <Notice tone="warn">{t('linkLead', { email })}</Notice>
          <div className="flex flex-wrap items-center gap-2 rounded-lg border border-line bg-ground p-3">
            <Code wrap>{link}</Code>
            <CopyButton text={link} />
          </div>
        </>
      )}
      <Button className="justify-self-end" onClick={onClose}>
        {t('common:close')}
      </Button>
    </div>
  );
}
