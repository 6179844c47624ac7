/** Everything one simulated history consists of: chains, nodes, shop, clock, and what is known to have happened. */
import type { Chain } from '../../server/src/chains/chain.ts';
import { Providers } from '../../server/src/chains/failover.ts';
import { TailMemory } from '../../server/src/commands/tail-memory.ts';
import type { AssetCode, Network, NetworkCode } from '../../server/src/domain/asset.ts';
import type { OperatorTerms } from '../../server/src/domain/commission.ts';
import type { Decimal } from '../../server/src/domain/money.ts';
import { type AgreeMemory, agreeMemory } from '../../server/src/flow/agree.ts';
import { Dispatcher } from '../../server/src/flow/dispatch.ts';
import { type NoteMemory, noteMemory } from '../../server/src/flow/note-providers.ts';
import type { Logger } from '../../server/src/lib/logger.ts';
import { openVault } from '../../server/src/lib/vault.ts';
import { dollarRates } from '../coin-rate.ts';
import { FakeChain, FakeProvider } from '../fake-chain.ts';
import { Chance } from '../seeded.ts';
import type { AdminSession, InvoiceState } from './admin.ts';
import type { KnownThen } from './backup.ts';
import type { Chapter } from './chapters.ts';
import { drawFaults, drawTerms, type Faults, noFaults } from './faults.ts';
import { type Focus, faultsWith, focusOf } from './focus.ts';
import type { Accepts } from './judge-policy.ts';
import { Liar, type OnLie } from './liar.ts';
import type { Lines } from './lines.ts';
import { SimulatedNode } from './node.ts';
import { Shop } from './shop.ts';
import { simulated } from './simulated-network.ts';

/** `asked` are the providers as processes see them: one of them may be a liar. */
export type SimulatedChain = {
  chain: FakeChain;
  providers: FakeProvider[];
  asked: readonly Chain[];
  liar: Liar | null;
};

/** What a log entry may say of a network. */
type Logged = { alarm?: string; network?: string; to?: number; epoch?: number };

/** An address that somebody has changed in the database: where, and what stood there. */
export type Swapped = {
  table: 'wallets' | 'invoices';
  id: number;
  address: string;
  key: string;
};

/** One server process with its own view of the providers. */
export type Server = {
  node: SimulatedNode;
  providers: Map<NetworkCode, Providers>;
  memories: Map<NetworkCode, { agree: AgreeMemory; note: NoteMemory }>;
  dispatcher: Dispatcher;
  isSending: boolean;
  memory: TailMemory;
};

/** Few prices, near one another: their tails meet. */
const NEAR_PRICES = [1000n, 1000n, 1001n, 1005n];
const FAR_PRICES = [500n, 2500n, 12_500n, 62_500n];

const START = Date.UTC(2026, 0, 1);
/** Dollars above which two providers must agree, where they must: what every shop of a history asks for is more. */
const LARGE = 9;
/** Tokens of a network: enough to change among, and few, so that amounts are wanted by several. */
const TOKENS = { few: 2, many: 3 };
export const vault = openVault(new Uint8Array(32).fill(7));

export class World {
  readonly chance: Chance;
  /** Draws what only the books see, so that it leaves all else as it is. */
  readonly fees: Chance;
  /** Draws which further wallets take the network's own coin, so that it leaves all else as it is. */
  readonly coins: Chance;
  /** Draws what shops accept. */
  readonly lenience: Chance;
  /** Draws who lies, and how. */
  readonly lies: Chance;
  /** Transfers that a provider has invented, or told another time of, by identity; and the networks on which one was believed that lied. */
  readonly forged = new Set<string>();
  readonly misdated = new Set<string>();
  readonly liedOn = new Set<NetworkCode>();
  readonly lines: Lines;
  /** Draws what has to do with parts of an amount. */
  readonly partly: Chance;
  /** Draws what there is for the sake of the focus: stories, operators, networks that fall silent. */
  readonly focused: Chance;
  readonly focus: Focus;
  /** What is asked for, in cents: near one another, or so far apart that a part can only be meant for one. */
  readonly prices: readonly bigint[];
  readonly admin: AdminSession;
  readonly faults: Faults;
  readonly networks: ReadonlyMap<NetworkCode, Network>;
  readonly chains: ReadonlyMap<NetworkCode, SimulatedChain>;
  readonly servers: Server[] = [];
  readonly shop: Shop;
  /** References ever sent, with what was answered: an id, or null where no answer came. */
  readonly sent = new Map<string, number | null>();
  /** The latest block time up to which each network was ever read, and how high it was read at the last look. */
  readonly readUpTo = new Map<string, number>();
  readonly heights = new Map<string, number>();
  /** Networks that were read again from further down, since the last step began. */
  readonly rewound = new Set<string>();
  /** Until when nothing is heard of a network, in ms. */
  readonly silentUntil = new Map<NetworkCode, number>();
  /** Networks that were ever out of use. */
  readonly retired = new Set<NetworkCode>();
  /** What stands in the database in place of an address, and what was ever changed so. */
  swapped: Swapped | null = null;
  readonly everSwapped = new Set<string>();
  /** What was known when the last backup was made. */
  backup: KnownThen | null = null;
  /** The invoices at the last look. */
  looked: readonly InvoiceState[] = [];
  /** Whether something happens while a process waits. */
  isMeanwhile = false;
  /** What is still to come of a story that has begun; and what happens where a process waits next, then, and so on. */
  story: Chapter[] = [];
  aside: (Chapter | null)[] = [];
  /** Rules that were broken where nobody could be told. */
  readonly complaints: string[] = [];
  /** Every amount that a payer was shown, by invoice, as `askedText` writes it. */
  readonly shown = new Map<number, Set<string>>();
  /** Invoices that somebody tried to cancel, and the transactions that were named for each by hand. */
  readonly cancelled = new Set<number>();
  readonly named = new Map<number, Set<string>>();
  /** Transfers that somebody tried to count as a part of an invoice, by identity. */
  readonly attached = new Map<string, Set<number>>();
  /** Identities of transfers that somebody has said to have dealt with. */
  readonly dealtWith = new Set<string>();
  /** Transfers that once were as deep as finality asks, by identity; and those of epochs that have ended. */
  readonly everFinal = new Set<string>();
  /** The highest block of each network that was ever as deep. */
  readonly finals = new Map<NetworkCode, { genesis: string; height: number; hash: string }>();
  /** The block in which each transaction was seen last. */
  readonly homes = new Map<string, string>();
  readonly reached = new Map<string, number>();
  readonly trace: string[] = [];
  now = START;
  merchants: {
    id: number;
    compat: boolean;
    paymentMinutes: number;
    accepts: Accepts;
    optedIn: readonly string[];
  }[] = [];
  /** What the operator takes, and from when on it refuses. */
  readonly terms: OperatorTerms;
  /** Each merchant with its account, and what that is charged in ten-thousandths of a percent. */
  users: { id: number; merchantId: number; percent: bigint }[] = [];
  /** Whose balance a reference tops up; null where it is a shop's own. */
  readonly topUps = new Map<string, number | null>();
  /** Registered addresses by network; and the accounts that have registered one, by network and key. */
  addresses: { network: NetworkCode; asset: AssetCode; key: string }[] = [];
  readonly owners = new Map<string, Set<number>>();
  /** Registered after the backup that was restored, and gone with it: never taken again. */
  lostAddresses = 0;
  /** The maximum tails of its wallets; in some histories so few that amounts run out. */
  readonly tails: readonly number[];
  epochs = 0;
  /** Transactions that a fork has ever taken out of their block. */
  readonly takenBack = new Set<string>();
  deepReorgs = 0;
  changesOfTheDead = 0;
  /** Runs at the points where a process waits for a network: others act meanwhile. */
  meanwhile: () => Promise<void> = async () => undefined;
  calm = false;

  constructor(seed: number, { lines, admin }: { lines: Lines; admin: AdminSession }) {
    this.chance = new Chance(seed);
    this.fees = new Chance(seed + 0x0fee5);
    this.coins = new Chance(seed + 0x0c014);
    this.lenience = new Chance(seed + 0x1e417);
    this.lies = new Chance(seed + 0x11a45);
    this.partly = new Chance(seed + 0x9a27);
    this.focused = new Chance(seed + 0x5f0c5);
    this.focus = focusOf(seed);
    this.prices = this.partly.happens(0.5) && this.focus !== 'parts' ? NEAR_PRICES : FAR_PRICES;
    this.terms = drawTerms(this.fees);
    this.shop = new Shop(this, { isGone: this.fees.happens(0.03) });
    this.lines = lines;
    this.admin = admin;
    const faults = drawFaults(this.chance, this.lies);
    this.faults = faultsWith(this.focus, faults ?? noFaults, faults === null);
    this.tails = this.chance.happens(0.15) ? [1, 2] : [3, 8, 20];
    const onDemand = this.chance.happens(0.15) || this.focus === 'local';
    const tokens = TOKENS[this.focus === 'coins' ? 'many' : 'few'];
    const isOne = this.chance.happens(0.5) && this.focus !== 'coins' && this.focus !== 'silence';
    const codes: NetworkCode[] = isOne ? ['ERC-20'] : ['ERC-20', 'TRC-20'];
    const agreeAbove = onDemand ? null : this.lies.pick([null, LARGE, LARGE]);
    this.networks = new Map(
      codes.map(code => [
        code,
        { ...simulated(code, { onDemand, tokens }), ...(agreeAbove !== null && { agreeAbove }) },
      ]),
    );
    this.chains = new Map([...this.networks].map(([code, network]) => [code, this.#chain(network)]));
  }

  #chain(network: Network): SimulatedChain {
    const chain = new FakeChain(network, START - 60_000);
    const count = network.onDemand ? 1 : this.lies.pick([2, 2, 3]);
    const providers = Array.from({ length: count }, () => new FakeProvider(chain));
    const tells = this.lies.pick(providers);
    const liar =
      network.onDemand || this.faults.lie === 0
        ? null
        : new Liar(chain, tells, (kind, about) => this.#noteLie(network.code, kind, about));
    return { chain, providers, liar, asked: providers.map(one => (one === tells && liar ? liar : one)) };
  }

  #noteLie(code: NetworkCode, kind: string, { invented, misdated }: Parameters<OnLie>[1] = {}): void {
    this.reach(`lied: ${kind}`);
    this.liedOn.add(code);
    if (invented !== undefined) this.forged.add(invented);
    if (misdated !== undefined) this.misdated.add(misdated);
  }

  /** Alarms are heard, and counted. */
  readonly logger = {
    ...Object.fromEntries(['trace', 'debug', 'info'].map(level => [level, () => undefined])),
    warn: (about: Logged) => this.#noteRewind(about),
    error: (about: Logged) => {
      this.#noteRewind(about);
      this.reach(`alarm ${about.alarm ?? 'without a name'}`);
      const { network = '' } = about;
      const hasLied = this.liedOn.has(network as NetworkCode);
      const isTrue = hasLied || this.deepReorgs > 0 || this.everSwapped.size > 0;
      if (about.alarm === 'found_late' && !isTrue)
        this.complain(`something of ${network} was not found at once`);
      if (about.alarm === 'time_differs' && !hasLied) this.complain(`a block of ${network} has two times`);
    },
  } as unknown as Logger;

  #noteRewind({ network, to, epoch }: Logged): void {
    if (network !== undefined && (to ?? epoch) !== undefined) this.rewound.add(network);
  }

  /** Thousandths of a euro for a dollar now; null while nobody knows. And all that were so during a step. */
  rate: number | null = 900;
  ratesOfStep: (number | null)[] = [900];
  /** Payments that were accepted late, once looked at. */
  readonly lateSeen = new Set<number>();

  rateOf = (): Decimal | null => (this.rate === null ? null : { units: BigInt(this.rate), scale: 3 });

  /** A coin is a dollar here: what is told apart is how it is paid, not what it costs. */
  coinRateOf = dollarRates.coinRateOf;
  coinRate = dollarRates.coinRate;

  /** A token of a network or its own coin. */
  coinOn(network: NetworkCode): AssetCode {
    const row = this.networks.get(network);
    const token = this.chance.pick(row?.tokens ?? []).asset;
    return this.coins.happens(0.5) ? (row?.native.asset ?? token) : token;
  }

  clock = { now: () => this.now };

  reach(name: string): void {
    this.reached.set(name, (this.reached.get(name) ?? 0) + 1);
  }

  /** Puts on record that a rule was broken, where an error would not be heard of. */
  complain(text: string): void {
    this.complaints.push(text);
  }

  note(line: string): void {
    this.trace.push(`${this.now - START} ${line}`);
  }

  /** Starts a server process, in place of a dead one where there was one. */
  start(index: number): Server {
    const node = new SimulatedNode(this.lines);
    const providers = new Map(
      [...this.chains].map(([code, { asked }]) => {
        const blockTime = this.networks.get(code)?.blockTime ?? 1000;
        return [code, new Providers(asked, { clock: this.clock, blockTime })] as const;
      }),
    );
    const memories = new Map(
      [...this.chains.keys()].map(code => [code, { agree: agreeMemory(), note: noteMemory() }]),
    );
    const dispatcher = new Dispatcher({
      db: node.db,
      vault,
      clock: this.clock,
      logger: this.logger,
      post: (url, request) => this.shop.post(node, url, request),
      uuid: () => this.chance.uuid(),
      onFree: () => undefined,
    });
    const server = { node, providers, memories, dispatcher, isSending: false, memory: new TailMemory() };
    this.servers[index] = server;
    return server;
  }

  /** As in production an event that is found anew has the id it had. */
  webhookId = (invoiceId: number, type: string): string => `msg_${invoiceId}_${type}`;
}
