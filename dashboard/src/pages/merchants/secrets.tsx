/** Secrets as they are shown, once. Not closed by a click beside it: there is no second look. */
import { useTranslation } from 'react-i18next';
import { Button } from '../../parts/button.tsx';
import { Code } from '../../parts/code.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Notice } from '../../parts/notice.tsx';

type Props = { secrets: readonly (readonly [label: string, secret: string])[] | null; onClose: () => void };

export function Secrets({ secrets, onClose }: Props) {
  const { t } = useTranslation('merchants');
  return (
    <Dialog open={secrets !== null} onOpenChange={() => {}} title={t('secretsTitle')}>
      <div className="grid gap-4">
        <Notice tone="warn">{t('secretsLead')}</Notice>
        <dl className="grid gap-3">
          {secrets?.map(([label, secret]) => (
            <div key={label} className="rounded-lg border border-line bg-ground px-3 py-2">
              <dt className="flex items-center justify-between text-sm text-muted">
                {label}
                <CopyButton text={secret} />
              </dt>
              <dd>
                <Code wrap>{secret}</Code>
              </dd>
            </div>
          ))}
        </dl>
        <Button tone="strong" onClick={onClose}>
          {t('kept')}
        </Button>
      </div>
    </Dialog>
  );
}
