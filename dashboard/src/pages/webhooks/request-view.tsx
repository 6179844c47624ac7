/** One request: what was sent, what came back, and what to do about it. */
import { useTranslation } from 'react-i18next';
import type { Headers, RequestAnswer } from '../../../../server/src/http/dashboard-api/webhook-answers.ts';
import { Code } from '../../parts/code.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Notice } from '../../parts/notice.tsx';
import { PlainText } from '../../parts/plain-text.tsx';
import { curlOf } from './curl.ts';
import { AnswerBadge } from './delivery-standing.tsx';
import { hintOf } from './hint.ts';

type Props = { title: string; request: RequestAnswer; open?: boolean };

export function RequestView({ title, request, open = false }: Props) {
  const { t } = useTranslation('webhooks');
  const { status, error, ms, at } = request;
  return (
    <details open={open} className="group rounded-lg border border-line">
      <summary className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2">
        <span aria-hidden className="text-muted transition-transform group-open:rotate-90">
          ›
        </span>
        <span className="font-medium">{title}</span>
        <AnswerBadge status={status} fault={error?.class ?? null} />
        {ms !== null && <span className="text-sm text-muted tabular-nums">{t('took', { ms })}</span>}
        {at !== null && (
          <span className="ml-auto text-sm text-muted">
            <Moment at={at} exact />
          </span>
        )}
      </summary>
      <div className="grid gap-3 border-t border-line p-3">
        <Advice request={request} />
        <Sent request={request} />
        <CameBack request={request} />
      </div>
    </details>
  );
}

function Advice({ request: { status, error } }: Pick<Props, 'request'>) {
  const { t } = useTranslation('webhooks');
  const hint = hintOf(status, error?.class ?? null);
  if (!hint) return null;
  return (
    <Notice tone="warn">
      {error && <p className="font-medium">{error.message}</p>}
      <p>{t(`hint_${hint}`)}</p>
    </Notice>
  );
}

function Sent({ request }: Pick<Props, 'request'>) {
  const { t } = useTranslation('webhooks');
  const { url, request_headers, request_body } = request;
  return (
    <>
      {url && (
        <div className="flex flex-wrap items-center justify-between gap-2">
          <span>
            POST <Code wrap>{url}</Code>
          </span>
          <CopyButton text={curlOf(request)} label={t('curl')} />
        </div>
      )}
      <Labelled label={t('requestHeaders')} text={request_headers && headerText(request_headers)} />
      <Labelled label={t('requestBody')} text={indented(request_body)} />
    </>
  );
}

function CameBack({ request: { status, headers, body } }: Pick<Props, 'request'>) {
  const { t } = useTranslation('webhooks');
  if (status === null) return null;
  return (
    <>
      <Labelled label={t('responseHeaders')} text={headerText(headers)} />
      <Labelled label={t('responseBody')} hint={t('firstCharacters')} text={body ?? ''} />
    </>
  );
}

function Labelled({ label, hint, text }: { label: string; hint?: string; text: string | null }) {
  const { t } = useTranslation('webhooks');
  return (
    <div className="grid gap-1">
      <p className="text-sm text-muted">
        {label} {hint && <span>· {hint}</span>}
      </p>
      {text ? (
        <PlainText label={label}>{text}</PlainText>
      ) : (
        <p>{t(text === null ? 'notRecorded' : 'empty')}</p>
      )}
    </div>
  );
}

const headerText = (headers: Headers): string =>
  headers.map(([name, value]) => `${name}: ${value}`).join('\n');

/** Easier to read; a copy as curl has it byte for byte. */
function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
