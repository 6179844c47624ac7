/** Copies a text, and says that it did. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from './button.tsx';

export function CopyButton({ text, label }: { text: string; label?: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2500);
  };
  return (
    <Button small tone="quiet" onClick={() => void copy().catch(() => setCopied(false))}>
      <span aria-live="polite">{copied ? t('copied') : (label ?? t('copy'))}</span>
    </Button>
  );
}
