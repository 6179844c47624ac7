/** What `dev` starts with: a user, and a merchant for each kind of authentication, with wallets on both local chains. */
import { randomBytes } from 'node:crypto';
import { addressText } from '../chains/registry.ts';
import { addWallet } from '../commands/add-wallet.ts';
import { issueSetUpToken } from '../commands/claim-set-up.ts';
import { createMerchant } from '../commands/create-merchant.ts';
import { createUser } from '../commands/create-user.ts';
import { defaultSettings } from '../commands/merchant-settings.ts';
import { updateMerchant } from '../commands/update-merchant.ts';
import { coinsOf, type Network } from '../domain/asset.ts';
import { findCredentials, merchantsOfUser } from '../store/merchants.ts';
import { userIdByEmail } from '../store/users.ts';
import { setUpLink } from './first-person.ts';
import type { Installation } from './installation.ts';

export type DemoMerchant = {
  id: number;
  name: string;
  auth: 'signature' | 'private-key';
  public_key: string;
  private_key: string;
};

const EMAIL = 'demo@cryptoscan.local';

/** The merchants' wallets are addresses that hold nothing at first, and so none of those the chains begin with. 20 bytes of 0x hex. */
const shops = [
  { name: 'Demo shop (signature)', auth: 'signature', account: '0x88862dd55af69471750d419541b153fd97973a33' },
  {
    name: 'Demo shop (private key)',
    auth: 'private-key',
    account: '0x2ac06238f72ebfaefefd4c035214c0921e7eaccb',
  },
] as const;

/** Adds what is missing; what was changed since stays changed. */
export async function ensureDemoData(installation: Installation): Promise<DemoMerchant[]> {
  const userId = await ensureUser(installation);
  for (const shop of shops) await ensureShop(installation, userId, shop);
  return demoMerchants(installation, userId);
}

async function ensureUser(installation: Installation): Promise<number> {
  const known = await userIdByEmail(installation.db, EMAIL);
  if (known !== null) return known;
  const made = await createUser(installation, {
    email: EMAIL,
    password: randomBytes(18).toString('base64url'),
  });
  if (!made.ok) throw new Error('the demo user could not be made');
  return made.value.id;
}

async function ensureShop(
  installation: Installation,
  userId: number,
  { name, auth, account }: (typeof shops)[number],
): Promise<void> {
  const known = (await merchantsOfUser(installation.db, userId)).find(merchant => merchant.name === name);
  const id = known?.id ?? (await makeShop(installation, userId, { name, auth }));
  for (const network of installation.networks.values())
    await ensureWallets(installation, { id, network, account });
}

async function makeShop(
  installation: Installation,
  userId: number,
  { name, auth }: { name: string; auth: 'signature' | 'private-key' },
): Promise<number> {
  const made = await createMerchant(
    { ...installation, randomBytes },
    {
      userId,
      // Both networks are to be tried, so compatibility mode (USDT on TRC-20 only) is off; and what a page does after less than its amount.
      settings: {
        ...defaultSettings,
        name,
        url: 'http://127.0.0.1/',
        auth,
        compat: false,
        remainder: true,
      },
      keys: null,
    },
  );
  if (!made.ok) throw new Error('a demo merchant could not be made');
  return made.value.id;
}

async function ensureWallets(
  installation: Installation,
  { id, network, account }: { id: number; network: Network; account: string },
): Promise<void> {
  const key = network.family === 'tron' ? `41${account.slice(2)}` : account;
  for (const { asset } of coinsOf(network)) {
    // A wallet that is there already is refused as a double, which is what is wanted.
    await addWallet(installation, {
      merchantId: id,
      network: network.code,
      cryptocurrency: asset,
      address: addressText(network, key),
      settings: { maxTail: 999, commissionPayer: 'merchant', holdHours: 24, active: true },
    });
  }
}

async function demoMerchants({ db, vault, clock }: Installation, userId: number): Promise<DemoMerchant[]> {
  const rows = await merchantsOfUser(db, userId);
  const publicKeys = rows.map(row => row.public_key);
  const credentials = await findCredentials(db, vault, { publicKeys, now: clock.now() });
  return rows.map(({ id, name, auth, public_key }, index) => {
    const privateKey = credentials[index]?.privateKey;
    if (privateKey === undefined) throw new Error(`merchant ${id} has no keys`);
    return { id, name, auth, public_key, private_key: privateKey };
  });
}

/** The link by which the first person gets the demo user's account, and so its merchants; null once there is one. */
export async function demoSetUp(installation: Installation, baseUrl: string): Promise<string | null> {
  const userId = await ensureUser(installation);
  const token = await issueSetUpToken({ ...installation, randomBytes }, { userId });
  return token && setUpLink(baseUrl, token);
}

/** Sends the demo merchants' webhooks to the demo shop, unless they were pointed elsewhere. */
export async function pointAtDemoShop(
  installation: Installation,
  userMerchants: readonly DemoMerchant[],
  url: (merchantId: number) => string,
): Promise<void> {
  const userId = await ensureUser(installation);
  const demo = new Set(userMerchants.map(({ id }) => id));
  for (const { id, webhook_url } of await merchantsOfUser(installation.db, userId)) {
    if (!demo.has(id) || (webhook_url !== null && !webhook_url.endsWith(`/demo-shop/${id}`))) continue;
    await updateMerchant(installation, id, { webhookUrl: url(id) });
  }
}
