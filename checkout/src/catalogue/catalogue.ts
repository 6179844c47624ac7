/** Every text of the page. A language that misses one does not compile. */
import type { Html } from '../html.ts';
import type { Notice } from '../notice.ts';
import type { Language } from '../page-state.ts';

export type Catalogue = {
  /** The language's own name. */
  name: string;
  languages: string;
  notices: Record<Notice, string>;
  choose: {
    title: string;
    lead: string;
    legend: string;
    next: string;
    noneTitle: string;
    none: string;
  };
  awaiting: {
    title: string;
    /** When the time ends; `time` is a time of day. */
    until: (time: Html) => Html;
    send: string;
    network: string;
    address: string;
    tail: (digits: Html) => Html;
    whole: string;
    fee: string;
    only: (asset: string, network: Html) => Html;
    otherwise: string;
    compare: string;
    qr: string;
    qrHolds: string;
    /** The same for a code that is a link: it names the address, the amount and the network. */
    qrLink: string;
    qrLinkHolds: string;
    updates: string;
  };
  /**
   * The network is not read now (`behind`), or is out of use (`retired`): what becomes of a payment that was sent is `sent` in
   * the one case, `lookUp` in the other. `change` stands above the form for another coin.
   */
  paused: {
    title: string;
    behind: (network: Html) => Html;
    sent: string;
    wait: string;
    retired: (network: Html) => Html;
    lookUp: (shop: Html) => Html;
    change: string;
  };
  /** Changing coin or network: `kept` is what becomes of a payment that is under way. */
  change: { ask: string; kept: string; really: string };
  /** A part has come. `send` stands above the amount that is left; `again`: not the whole once more. */
  underpaid: { title: string; received: (sum: Html) => Html; again: string; send: string };
  /** A part has come, and the shop has to look at it. */
  review: { title: string; received: (sum: Html) => Html; stop: string; safe: (shop: Html) => Html };
  confirming: {
    title: string;
    lead: string;
    again: string;
    count: (done: number, needed: number) => string;
    wait: string;
  };
  paid: {
    title: string;
    lead: (shop: Html) => Html;
    returning: string;
    /** More than was asked has arrived, in one payment or in a second one; and what to do about it. */
    over: string;
    again: string;
    ask: (shop: Html) => Html;
  };
  checking: { title: string; lead: string; sent: string; wait: string };
  expired: {
    title: string;
    stop: string;
    restart: (shop: Html) => Html;
    sent: (shop: Html) => Html;
    /** The same where a payment may have come unseen. */
    unread: string;
    unreadSent: (shop: Html) => Html;
    unreadRestart: (shop: Html) => Html;
  };
  /** `safe`: the shop has to look at it. `rejected`: it takes no late payment as payment. */
  late: {
    title: string;
    seen: string;
    safe: (shop: Html) => Html;
    rejected: (shop: Html) => Html;
    keep: string;
  };
  /** The shop says that it gave back a late payment (`late`), or what came beside the one that counts (`surplus`). */
  returned: {
    title: string;
    late: (shop: Html) => Html;
    surplus: (shop: Html) => Html;
    missing: (shop: Html) => Html;
    transaction: string;
  };
  cancelled: { title: string; lead: string; sent: (shop: Html) => Html };
  cancel: { ask: string; warn: string; really: string };
  transaction: string;
  backTo: (shop: Html) => Html;
  copy: { amount: string; address: string; transaction: string; done: string; byHand: string };
  /** A ticking time such as 3:41. */
  timer: (time: Html) => Html;
  /** Told to screen readers, and to those without scripts. */
  minutesLeft: (minutes: number) => string;
  reloads: string;
  offline: string;
  notFound: { title: string; lead: string };
  /** The page of a payment link; `busy` and `unavailable`: why there is no invoice now. */
  link: {
    title: (shop: Html) => Html;
    lead: string;
    pay: string;
    busy: string;
    unavailable: string;
    /** It was paid as often as it may be; or somebody is about to. */
    paidTitle: string;
    paid: (shop: Html) => Html;
    underwayTitle: string;
    underway: string;
    /** Leads to the payer's earlier try, which has ended. */
    earlier: string;
  };
};

/** Picks the form that a number takes in a language; `other` where the language's rules name one not given. */
export function plural(language: Language) {
  const rules = new Intl.PluralRules(language);
  return (n: number, forms: { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>): string =>
    `${new Intl.NumberFormat(language).format(n)} ${forms[rules.select(n)] ?? forms.other}`;
}
