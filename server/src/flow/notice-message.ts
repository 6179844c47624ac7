/** One message from what waits for a person: plain text, a few lines of each kind, and where to look. */
import {
  type AssetCode,
  coinOn,
  type Network,
  type NetworkCode,
  networks as publicNetworks,
} from '../domain/asset.ts';
import { formatAmount } from '../domain/money.ts';
import { mayHear, type NoticeKind, noticeKinds, subjectInvoice } from '../domain/notice.ts';
import type { Language } from '../lib/language.ts';
import type { Db } from '../store/db.ts';
import {
  endedFacts,
  lastingAlarms,
  paidFacts,
  strayFacts,
  type WalletFact,
  walletFacts,
  webhookFacts,
} from '../store/notice-facts.ts';
import type { Waiting } from '../store/notices.ts';
import { type NoticeWords, noticeWords } from './notice-words.ts';

export type MessageDeps = {
  db: Db;
  networks: ReadonlyMap<NetworkCode, Network>;
  /** Where the dashboard is reached, without a slash at the end. */
  baseUrl: string;
};

export type Message = { subject: string; text: string };

/** Lines of one kind; of the rest the message says only how many there are. */
const MOST_LINES = 10;

type Told = { lines: string[]; path: string };

/** null where nothing is left to be told. */
export async function noticeMessage(
  deps: MessageDeps,
  waiting: readonly Waiting[],
  language: Language,
): Promise<Message | null> {
  const words = noticeWords[language];
  const sections: { title: string; count: number; text: string }[] = [];
  for (const kind of noticeKinds) {
    const own = waiting.filter(notice => notice.kind === kind && concerns(notice));
    // All of them, and not as many as are shown: some are no longer so, and none is told of again.
    const { lines, path } = await tellers[kind](deps, own, words);
    const count = lines.length;
    if (count === 0) continue;
    const { one, many, act } = words[kind];
    const title = count === 1 ? one : `${many}: ${count}`;
    const more = count > MOST_LINES ? [`${words.more} ${count - MOST_LINES}`] : [];
    const shown = [...lines.slice(0, MOST_LINES), ...more];
    sections.push({
      title,
      count,
      text: `${title}\n\n${shown.join('\n')}\n\n${act}\n${deps.baseUrl}/dashboard${path}`,
    });
  }
  if (sections.length === 0) return null;
  const foot = `${words.choose}\n${deps.baseUrl}/dashboard/settings`;
  return {
    subject: `CryptoScan: ${sections.map(({ title }) => title).join(' · ')}`,
    text: `${[...sections.map(({ text }) => text), foot].join('\n\n')}\n`,
  };
}

/** Who has left the team, or may no longer see it, hears of it no more. Without an account it is the operators'. */
const concerns = ({ kind, user_id, role }: Waiting) =>
  user_id === null || (role !== null && mayHear(role, kind));

/** What a notice is about: subjects are `number` or `number:time`, of networks `code:time`. */
const aboutOf = ({ subject }: Waiting) => subject.replace(/:\d+$/, '');
const idsOf = (waiting: readonly Waiting[]) => [...new Set(waiting.map(one => Number(aboutOf(one))))];

type Teller = (deps: MessageDeps, waiting: readonly Waiting[], words: NoticeWords) => Promise<Told>;

const tellers: Record<NoticeKind, Teller> = {
  paid: async ({ db }, waiting, { invoice }) => {
    const facts = await paidFacts(db, idsOf(waiting));
    const lines = facts.map(fact => {
      const amount = fact.units === null ? [] : [coins(null, fact), fact.network];
      return line([`${invoice} ${fact.id}`, inert(fact.reference), ...amount, inert(fact.merchant)]);
    });
    return { lines, path: facts.length === 1 ? `/invoices/${facts[0]?.id}` : '/invoices?status=completed' };
  },
  unmatched: async ({ db, networks }, waiting, words) => {
    const ended = waiting.flatMap(({ subject }) => subjectInvoice(subject) ?? []);
    const accounts = new Map(waiting.map(({ user_id }) => [user_id, [] as Waiting[]]));
    for (const notice of waiting)
      if (subjectInvoice(notice.subject) === null) accounts.get(notice.user_id)?.push(notice);
    const facts = await Promise.all(
      [...accounts].map(([userId, own]) => (userId === null ? [] : strayFacts(db, idsOf(own), userId))),
    );
    const lines = facts
      .flat()
      .map(fact => line([coins(networks, fact), fact.network, fact.tx_id, inert(fact.merchant)]));
    const left = (await endedFacts(db, [...new Set(ended)])).map(fact => {
      const amount = fact.units === null ? [] : [coins(null, fact), fact.network];
      const about = [`${words.invoice} ${fact.id}`, inert(fact.reference), ...amount, inert(fact.merchant)];
      return `${line(about)}: ${words[fact.kind]}`;
    });
    return { lines: [...lines, ...left], path: '/money' };
  },
  webhook_exhausted: async ({ db }, waiting, { invoice }) => {
    const facts = await webhookFacts(db, idsOf(waiting));
    const lines = facts.map(fact => line([`${invoice} ${fact.invoice_id}`, fact.type, inert(fact.merchant)]));
    return { lines, path: '/webhooks?state=failed' };
  },
  wallet_changed: async ({ db }, waiting, words) => {
    // The latest first: who would hide one among many changes makes these before it.
    const ids = idsOf(waiting.toReversed());
    const facts = (await walletFacts(db, ids)).sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
    const since = Math.max(...waiting.map(({ created_at }) => created_at));
    const lines = facts.map(fact =>
      line([
        `${words.wallet} ${fact.id}`,
        `${fact.asset} ${fact.network}`,
        fact.address,
        standing(fact, since, words),
        inert(fact.merchant),
      ]),
    );
    const merchants = new Set(facts.map(({ merchant_id }) => merchant_id));
    return { lines, path: merchants.size === 1 ? `/merchants/${[...merchants][0]}` : '/merchants' };
  },
  chain_lag: async ({ db }, waiting) => {
    const lasting = await lastingAlarms(db, 'chain_lag', waiting.map(aboutOf));
    return { lines: [...lasting], path: '/' };
  },
  balance_low: async ({ db }, waiting) => {
    const lasting = await lastingAlarms(db, 'balance_low', waiting.map(aboutOf));
    return { lines: [...lasting].map(account => `# ${account}`), path: '/' };
  },
};

const line = (parts: readonly (string | null)[]) =>
  parts.filter(part => part !== null && part !== '').join(' · ');

function standing({ active, active_from }: WalletFact, since: number, words: NoticeWords): string {
  if (!active) return words.isInactive;
  if (active_from === null || active_from <= since) return words.isActive;
  return `${words.waits} ${new Date(active_from).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

type Coins = {
  network: NetworkCode | null;
  asset: AssetCode | null;
  units: string | null;
  decimals: number | null;
};

/** An exact amount with its coin; base units where the decimals are not known. */
function coins(networks: MessageDeps['networks'] | null, { network, asset, units, decimals }: Coins): string {
  if (units === null || network === null) return '';
  const coin = asset && (coinOn(networks?.get(network), asset) ?? coinOn(publicNetworks[network], asset));
  const scale = decimals ?? (coin ? coin.decimals : 0);
  return `${formatAmount({ units: BigInt(units), scale })} ${asset}`;
}

const LONGEST_NAME = 60;

/**
 * A text that somebody else may have written, so that no program makes a link, a mention or a heading of it: letters, digits
 * and a few harmless signs stay, all else becomes a dot in the middle.
 */
function inert(text: string): string {
  const plain = text.replace(/[^\p{L}\p{N}\p{M} _\-+&'’,()#]/gu, '·').trim();
  const letters = [...plain];
  return letters.length > LONGEST_NAME ? `${letters.slice(0, LONGEST_NAME - 1).join('')}…` : plain;
}
