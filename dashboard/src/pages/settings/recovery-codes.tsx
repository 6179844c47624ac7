/** Recovery codes as they are shown, once: to copy, to keep as a file, to print. */
import { useTranslation } from 'react-i18next';
import { Button, buttonClass } from '../../parts/button.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Notice } from '../../parts/notice.tsx';

export function RecoveryCodes({ codes, onClose }: { codes: string[] | null; onClose: () => void }) {
  const { t } = useTranslation('settings');
  const text = codes?.join('\n') ?? '';
  return (
    // Not closed by a click beside it: there is no second look.
    <Dialog open={codes !== null} onOpenChange={() => {}} title={t('recoveryTitle')}>
      <div className="grid gap-4">
        <Notice tone="warn">{t('recoveryShown')}</Notice>
        <ul
          translate="no"
          className="print-alone grid grid-cols-1 gap-1.5 rounded-lg border border-line bg-ground p-4 font-mono sm:grid-cols-2"
        >
          {codes?.map(code => (
            <li key={code}>{code}</li>
          ))}
        </ul>
        <div className="flex flex-wrap items-center gap-2">
          <CopyButton text={text} label={t('copyAll')} />
          <a
            className={buttonClass('quiet', true)}
            href={`data:text/plain;charset=utf-8,${encodeURIComponent(`${text}\n`)}`}
            download="cryptoscan-recovery-codes.txt"
          >
            {t('download')}
          </a>
          <Button small tone="quiet" onClick={() => print()}>
            {t('print')}
          </Button>
          <Button tone="strong" className="ml-auto" onClick={onClose}>
            {t('recoveryKept')}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
