/** The first state of a history: two merchants, one of them sharing its address with the other, on chains already read. */

import { addressText } from '../../server/src/chains/registry.ts';
import { addWallet } from '../../server/src/commands/add-wallet.ts';
import { createMerchant } from '../../server/src/commands/create-merchant.ts';
import { defaultSettings } from '../../server/src/commands/merchant-settings.ts';
import type { AssetCode, NetworkCode } from '../../server/src/domain/asset.ts';
import { optInTypes } from '../../server/src/domain/invoice.ts';
import { NO_HOLD } from '../../server/src/domain/wallet-hold.ts';
import { watch } from '../../server/src/flow/watch.ts';
import { transact } from '../../server/src/store/db.ts';
import { checkMasterKey } from '../../server/src/store/installation.ts';
import { insertMembership } from '../../server/src/store/memberships.ts';
import { setChoices } from '../../server/src/store/notice-choices.ts';
import { setNoticeChannels } from '../../server/src/store/notices.ts';
import { insertPerson } from '../../server/src/store/people.ts';
import { insertUser } from '../../server/src/store/users.ts';
import { type Server, vault, type World } from './world.ts';

const NODES = 2;

export async function setUp(world: World): Promise<void> {
  await world.admin.clear();
  const server = world.start(0);
  for (let index = 1; index < NODES; index++) world.start(index);
  const { db } = server.node;
  await checkMasterKey(db, vault, world.now);
  await setNoticeChannels(db, ['email']);
  const first = await addUser(world, server, 0);
  // Of an address that two accounts have each is as it was asked, and no more; mostly one account has both merchants.
  if (world.fees.happens(0.85)) await addMerchant(world, server, { ...first, number: 1 });
  else await addUser(world, server, 1);
  const shared = address(1);
  for (const { id } of world.merchants) {
    for (const { code: network, tokens, native } of world.networks.values())
      for (const { asset } of world.focus === 'coins' ? [...tokens, native] : tokens)
        await register(world, server, { merchantId: id, network, asset, account: shared });
  }
  for (const network of world.networks.values()) {
    const providers = server.providers.get(network.code);
    if (providers)
      await watch(
        { db, vault, clock: world.clock, logger: world.logger, network, providers },
        new AbortController().signal,
      );
  }
}

/** An account, and what it is charged in ten-thousandths of a percent. */
type Account = { userId: number; percent: bigint };

/** One with a merchant, charged by the operator's default or at a percent of its own. */
async function addUser(world: World, server: Server, number: number): Promise<Account> {
  const own = world.fees.pick([null, null, '0', '0.5', '2.3456']);
  const user = { email: `${number}@b.c`, passwordHash: null, commissionPercent: own };
  const id = (await transact(server.node.db, tx => insertUser(tx, user, world.now))) ?? 0;
  const percent = own === null ? world.terms.percent.units : BigInt(Math.round(Number(own) * 10_000));
  await addMerchant(world, server, { userId: id, percent, number });
  await addListener(world, server, { userId: id, number });
  return { userId: id, percent };
}

/** An owner who wants to hear of everything. */
async function addListener(
  world: World,
  { node }: Server,
  { userId, number }: { userId: number; number: number },
): Promise<void> {
  const person = {
    email: `${number}@b.c`,
    name: 'Owner',
    passwordHash: '',
    language: 'en',
    isOperator: false,
    handle: Buffer.alloc(32, number),
  } as const;
  await transact(node.db, async tx => {
    const personId = (await insertPerson(tx, person, world.now)) ?? 0;
    await insertMembership(tx, { personId, userId, role: 'owner' }, world.now);
    await setChoices(tx, personId, [{ kind: 'paid', channel: 'email', wanted: true }]);
  });
}

async function addMerchant(
  world: World,
  { node }: Server,
  { userId, percent, number }: Account & { number: number },
): Promise<void> {
  const paymentMinutes = world.chance.pick([15, 30, 90]);
  const { settings, accepts } = drawPolicy(world);
  const remainder = world.partly.happens(0.7) || world.focus === 'parts';
  const made = await createMerchant(
    {
      db: node.db,
      vault,
      clock: world.clock,
      allow: [],
      randomBytes: size => Buffer.from(world.chance.hex(size), 'hex'),
    },
    {
      userId,
      settings: {
        ...defaultSettings,
        name: `shop ${number}`,
        url: 'https://shop.example/',
        webhookUrl: number === 1 && world.chance.happens(0.1) ? null : 'https://shop.example/hook',
        auth: 'signature',
        paymentMinutes,
        compat: false,
        privateKeyHeader: false,
        ...settings,
        remainder,
      },
      keys: null,
    },
  );
  if (!made.ok) throw new Error(`no merchant: ${JSON.stringify(made.fault)}`);
  world.merchants.push({
    id: made.value.id,
    compat: false,
    paymentMinutes,
    accepts: { ...accepts, remainder },
    optedIn: settings.optInEvents,
  });
  world.users.push({ id: userId, merchantId: made.value.id, percent });
}

/** What a shop accepts, as it says so and in millionths of what it asks for; most accept something. */
function drawPolicy({ lenience, focus }: World) {
  const tolerances = { '0': 0n, '0.01': 100n, '0.2': 2000n, '2': 20_000n };
  const draw = () => lenience.pick(Object.keys(tolerances) as (keyof typeof tolerances)[]);
  const [under, over] = focus === 'hands' ? (['2', '2'] as const) : [draw(), draw()];
  const isLate = focus === 'late' || (focus === 'parts' && lenience.happens(0.7));
  const late = isLate ? 'accept' : lenience.pick(['review', 'accept', 'accept', 'reject'] as const);
  const settings = {
    late,
    underpaidTolerance: under,
    overpaidTolerance: over,
    optInEvents: lenience.happens(focus === 'shops' ? 1 : 0.5) ? [...optInTypes] : [],
  };
  return { settings, accepts: { late, under: tolerances[under], over: tolerances[over] } };
}

/** The 20 bytes of a wallet or a payer. */
export function address(number: number): string {
  return (0x1000 + number).toString(16).padStart(40, '0');
}

export function keyOn(network: NetworkCode, account: string): string {
  return network === 'TRC-20' ? `41${account}` : `0x${account}`;
}

/** Registers a wallet with few tails, so that amounts run out and are taken over. */
export async function register(
  world: World,
  { node }: Server,
  {
    merchantId,
    network,
    asset,
    account,
  }: { merchantId: number; network: NetworkCode; asset: AssetCode; account: string },
): Promise<boolean> {
  const row = world.networks.get(network);
  if (!row) throw new Error(`no network ${network}`);
  const key = keyOn(network, account);
  const added = await addWallet(
    { db: node.db, vault, clock: world.clock, networks: world.networks, hold: NO_HOLD },
    {
      merchantId,
      network,
      cryptocurrency: asset,
      address: addressText(row, key),
      settings: {
        digits: world.chance.pick([2, 3]),
        maxTail: world.chance.pick(world.tails),
        commissionPayer: world.fees.pick(['merchant', 'payer']),
        holdHours: 2,
        active: true,
      },
    },
  );
  if (!added.ok) return false;
  addRegistered(world, { network, asset, key });
  const owner = world.users.find(user => user.merchantId === merchantId)?.id ?? 0;
  const place = `${network} ${key}`;
  world.owners.set(place, (world.owners.get(place) ?? new Set()).add(owner));
  return true;
}

/** Remembers a place that can be paid to from now on. */
export function addRegistered(world: World, place: World['addresses'][number]): void {
  const isKnown = world.addresses.some(
    ({ network, asset, key }) => network === place.network && asset === place.asset && key === place.key,
  );
  if (!isKnown) world.addresses.push(place);
}
