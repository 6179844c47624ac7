/** What waits for somebody, in a word or two: the reason of a transfer, or the mark of an invoice. */
import { useTranslation } from 'react-i18next';
import type { TaskKind } from '../../../server/src/domain/task.ts';

export function useTaskTitle(): (kind: TaskKind) => string {
  const { t, i18n } = useTranslation();
  return kind => {
    if (kind === 'rest_missing') return t('tasks:rest_missing');
    return i18n.exists(`money:reason_is_${kind}`)
      ? t(`money:reason_is_${kind}`)
      : t(`invoices:exception_${kind}`);
  };
}
