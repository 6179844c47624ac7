/** An account with one of everything that a route of the dashboard's API can name. */
import { match } from '../../server/src/flow/match.ts';
import { makeInvoice, makeShop, methodOf, pay, type World } from '../factories.ts';
import { Authenticator } from './authenticator.ts';
import type { Things } from './dashboard-routes.ts';
import { type Browser, type Dashboard, member, origin, signedIn, somebody } from './dashboard-world.ts';

export type Account = { userId: number; email: string; browser: Browser; things: Things };

/** Owned by somebody nobody has met, who is signed in. */
export async function furnished(world: World, dashboard: Dashboard, name = 'Lamps'): Promise<Account> {
  const { email, userId } = await somebody(dashboard.deps);
  const browser = await signedIn(dashboard, email);
  const { merchant, wallet } = await makeShop(world, { merchant: { userId, name } });
  const at = `/users/${userId}`;
  const shop = `${at}/merchants/${merchant.id}`;
  const [invoice, told, short] = [
    await makeInvoice(world, merchant),
    await makeInvoice(world, merchant),
    await makeInvoice(world, merchant, { amount: '25' }),
  ];
  await done(browser, `${at}/invoices/${told.id}/cancel`);
  await pay(world, short, { units: methodOf(short).final.units - 1_000_000n, height: 50 });
  await match({ ...world, rateOf: () => null, coinRateOf: () => null });
  const link = await done(browser, `${shop}/links`, { amount: '1', currency: 'USD', description: 'A lamp' });
  const invited = await done(browser, `${at}/invitations`, { email, role: 'viewer' });
  const other = await signedIn(dashboard, email);
  const [money] = (await browser.get(`${at}/money`)).body.transfers;
  const [delivery] = (await browser.get(`${at}/invoices/${told.id}`)).body.deliveries;
  const things = {
    users: userId,
    merchants: merchant.id,
    wallets: wallet.id,
    invoices: invoice.id,
    other: short.id,
    webhooks: delivery.id,
    money: money.id,
    links: link.id,
    invitations: invited.id,
    team: (await member(dashboard.deps, userId, 'viewer')).personId,
    sessions: (await other.get('/session')).body.session_id,
    ...(await enrolled(browser)),
  };
  return { userId, email, browser, things };
}

/** A passkey, and a recovery code for when it is lost. */
async function enrolled(browser: Browser): Promise<Things> {
  const options = await done(browser, '/passkeys/options');
  const response = new Authenticator('pay.example', origin).create(options);
  const { id, recovery_codes: codes } = await done(browser, '/passkeys', { name: 'Key', response });
  return { passkeys: id, code: codes[0] };
}

async function done(browser: Browser, path: string, body: unknown = {}) {
  const { status, body: answer, text } = await browser.post(path, body);
  if (status >= 300) throw new Error(`${path}: ${text}`);
  return answer;
}
