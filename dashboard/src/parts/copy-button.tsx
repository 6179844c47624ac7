/** Copies a text, and says that it did. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, type Tone } from './button.tsx';

type Props = { text: string; label?: string; tone?: Tone };

export function CopyButton({ text, label, tone = 'quiet' }: Props) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2500);
  };
  return (
    <Button small tone={tone} onClick={() => void copy().catch(() => setCopied(false))}>
      <span aria-live="polite">{copied ? t('copied') : (label ?? t('copy'))}</span>
    </Button>
  );
}
