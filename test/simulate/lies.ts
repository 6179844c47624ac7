/** Who lies in a history, and how. */
import type { NetworkCode } from '../../server/src/domain/asset.ts';
import type { Chapter } from './chapters.ts';
import type { Lie } from './liar.ts';
import { DUE, type Due } from './pay.ts';
import { address, keyOn } from './setup.ts';
import type { World } from './world.ts';

/** A provider begins to lie, or tells the truth again. */
export async function lie(world: World): Promise<string> {
  const { lies } = world;
  const code = lies.pick([...world.chains.keys()]);
  const { liar, chain } = world.chains.get(code) ?? {};
  if (!liar || !chain) return 'nobody lies';
  const kind = lies.weighted(LIES);
  const query = kind === 'forge part' ? RESTS_DUE : DUE;
  const due = (await world.admin.rows<Meant>(query)).filter(({ network }) => network === code);
  const meant = due.length > 0 ? lies.pick(due) : null;
  const height = chain.tip.height + lies.between(1, 2);
  liar.lie = lieOf(kind, { meant, height, world, code, depth: chain.network.finality.depth });
  return `a provider of ${code} lies: ${liar.lie?.kind}`;
}

const LIES = {
  honest: 3,
  forge: 8,
  'forge part': 4,
  double: 1,
  hide: 3,
  empty: 1,
  half: 1,
  'another chain': 3,
  fork: 1,
  contradiction: 1,
  time: 3,
  final: 3,
};

/** Begins to show what nobody has sent in the next block: all that an invoice asks for, or a part, its rest where it asks for one. */
export const forges =
  (kind: 'forge' | 'forge part', code: NetworkCode, invoiceId: number): Chapter =>
  async world => {
    const { liar, chain } = world.chains.get(code) ?? {};
    const [meant] = (await world.admin.rows<Meant>(RESTS_DUE)).filter(({ id }) => id === invoiceId);
    if (!liar || !chain || !meant) return 'nobody lies';
    const { depth } = chain.network.finality;
    liar.lie = lieOf(kind, { meant, height: chain.tip.height + 1, world, code, depth });
    return `a provider of ${code} will ${kind} of invoice ${invoiceId}`;
  };

/** Begins to hide what is paid to an invoice. */
export const hides =
  (code: NetworkCode, to: string): Chapter =>
  world => {
    const { liar } = world.chains.get(code) ?? {};
    if (!liar) return 'nobody lies';
    liar.lie = { kind: 'hide', to };
    return `a provider of ${code} hides what is paid to ${to.slice(-4)}`;
  };

/** Begins to tell other times of all blocks. */
export const misdates =
  (code: NetworkCode): Chapter =>
  world => {
    const { liar } = world.chains.get(code) ?? {};
    if (!liar) return 'nobody lies';
    liar.lie = { kind: 'time', shift: world.focused.pick(SHIFTS) };
    return `a provider of ${code} tells other times`;
  };

/** `rest`: what is asked for the rest, where that is what is looked for. */
type Meant = Omit<Due, 'replaced'> & { rest?: string | null };

/** What the newest open invoices ask for, those first that ask for a rest. */
const RESTS_DUE = `select i.id, i.network, i.asset, i.address_key, i.final_units, i.status, r.units as rest
  from invoices i left join lateral (
    select units from remainders where invoice_id = i.id and network = i.network and asset = i.asset
     order by asked_at desc, received desc limit 1) r on true
 where i.network is not null and i.status = 'new' order by (r.units is not null) desc, i.id desc limit 6`;

/** Percents of an amount of which nothing has come yet. */
const SHARES = [30n, 50n, 70n];

/** Further than any hold, than any invoice is open, and by so little that some invoices will not notice, in ms. */
const SHIFTS = [-3, -0.5, 0.5, 3].map(hours => hours * 3_600_000);

type About = { meant: Meant | null; height: number; world: World; code: NetworkCode; depth: number };

function lieOf(kind: keyof typeof LIES, { meant, height, world, code, depth }: About): Lie | null {
  switch (kind) {
    case 'honest':
      return null;
    case 'forge':
    case 'forge part': {
      if (!meant) return null;
      const { asset, address_key: to, final_units, rest } = meant;
      const due = BigInt(kind === 'forge' ? final_units : (rest ?? final_units));
      // A rest is invented as it was asked for; where nothing has come yet, a part.
      const units = kind === 'forge' || rest ? due : (due * world.lies.pick(SHARES)) / 100n;
      const transfer = { asset, from: keyOn(code, address(200)), to, units };
      const txId = (0xf0_0000 + world.forged.size + world.lies.below(0xffff)).toString(16).padStart(64, '0');
      return { kind, transfer, height, txId: code === 'TRC-20' ? txId : `0x${txId}` };
    }
    case 'hide':
      return meant && { kind, to: meant.address_key };
    case 'time':
      return { kind, shift: world.lies.pick(SHIFTS) };
    case 'fork':
      return { kind, height: Math.max(1, height - world.lies.below(depth + 3)) };
    default:
      return { kind };
  }
}
