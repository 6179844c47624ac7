/** What the address of the page says: which report, of which days and whose. */
export const views = ['daily', 'reconciliation'] as const;

export type ReportSearch = {
  view: (typeof views)[number];
  /** YYYY-MM-DD, both included. */
  from: string;
  to: string;
  by: 'created' | 'ended';
  merchant?: number;
};

const DAY = 86_400_000;

/** Whose days they are: those of the person who looks. */
const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';

/** A day in the person's time zone, in the form the server reads. */
const dayAt = (time: number): string => new Intl.DateTimeFormat('sv-SE', { timeZone }).format(time);

const isDay = (text: unknown): text is string => typeof text === 'string' && /^\d{4}-\d\d-\d\d$/.test(text);

/** The last thirty days, unless others are asked for. */
export function reportSearch(raw: Record<string, unknown>): ReportSearch {
  const merchant = Number(raw.merchant);
  return {
    view: views.find(one => one === raw.view) ?? 'daily',
    from: isDay(raw.from) ? raw.from : dayAt(Date.now() - 29 * DAY),
    to: isDay(raw.to) ? raw.to : dayAt(Date.now()),
    by: raw.by === 'ended' ? 'ended' : 'created',
    ...(Number.isSafeInteger(merchant) && merchant > 0 && { merchant }),
  };
}

/** As the server is asked. */
export const asQuery = ({ from, to, merchant }: ReportSearch) => ({ from, to, merchant, timezone: timeZone });
