/** What happens to payers' machines: they sleep, their clocks are wrong, their line is gone. The page tells the truth after it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closeWorld, openWorld, shift, type World } from '../e2e/webhook-world.ts';
import { openShop, type Shop } from '../gateway.ts';
import { openBrowser } from './browser.ts';
import { becomes, choose, openPayer, pay, shows, widget } from './payer.ts';

const DAY = 24 * 3600;
const browser = await openBrowser();

describe.skipIf(!browser)('a payment page', () => {
  let world: World;
  let shop: Shop;

  beforeAll(async () => {
    world = await openWorld();
    shop = await openShop(world.ground);
  });

  afterAll(async () => {
    await browser!.close();
    await closeWorld(world);
  });

  test('that was suspended while it was paid says so when it wakes', async () => {
    const { context, page } = await openPayer(browser!);
    const created = await widget(world, shop);
    await choose(page, created.widget_url);
    const devtools = await context.newCDPSession(page);
    await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
    await pay(page, world.chains, shop);
    await becomes(world, shop, created, 'completed');
    // What it had under way when it stopped may still have been heard.
    expect(await page.locator('#main').getAttribute('data-screen')).not.toBe('paid');
    await devtools.send('Page.setWebLifecycleState', { state: 'active' });
    await shows(page, 'paid');
    await context.close();
  });

  test.each([
    ['slow', -DAY],
    ['fast', DAY],
  ])("goes by the server's time where the payer's clock is a day %s", async (_, seconds) => {
    const { context, page } = await openPayer(browser!, { timezoneId: 'Asia/Tokyo', locale: 'en-US' });
    await context.addInitScript(`{
      const True = Date;
      globalThis.Date = class extends True {
        constructor(...parts) { parts.length > 0 ? super(...parts) : super(True.now() + ${seconds * 1000}); }
        static now() { return True.now() + ${seconds * 1000}; }
      };
    }`);
    const created = await widget(world, shop);
    await choose(page, created.widget_url);
    const { expire_at: before } = await row(created);
    const minutesLeft = (before - world.ground.clock.now()) / 60_000;
    // Near the end, where the timer runs.
    await shift(world, created as never, Math.round(4 - minutesLeft));
    await page.reload();
    const { expire_at: end } = await row(created);
    const shown = await page.locator('time[data-local]').textContent();
    expect(plain(shown)).toBe(plain(clock.format(end)));
    const timer = await page.locator('[data-left]').textContent();
    const [minutes = 0, rest = 0] = (timer ?? '').split(':').map(Number);
    const left = (end - world.ground.clock.now()) / 1000;
    expect(await page.locator('[data-timer]').isVisible()).toBe(true);
    expect(Math.abs(minutes * 60 + rest - left)).toBeLessThan(60);
    await context.close();
  });

  test('without a connection says so, and goes on by itself when it is back', async () => {
    const { context, page } = await openPayer(browser!);
    const created = await widget(world, shop);
    await choose(page, created.widget_url);
    await context.setOffline(true);
    // The payer comes back to the page, and it looks.
    await page.evaluate(`dispatchEvent(new Event('focus'))`);
    await page.locator('#offline').waitFor({ state: 'visible' });
    await pay(page, world.chains, shop);
    await becomes(world, shop, created, 'completed');
    expect(await page.locator('#main').getAttribute('data-screen')).toBe('awaiting');
    await context.setOffline(false);
    await shows(page, 'paid');
    await page.locator('#offline').waitFor({ state: 'hidden' });
    await context.close();
  });

  const row = ({ id }: { id: string }) =>
    world.ground.db
      .selectFrom('invoices')
      .select('expire_at')
      .where('id', '=', Number(id))
      .executeTakeFirstOrThrow();
});

const clock = new Intl.DateTimeFormat('en-US', {
  hour: 'numeric',
  minute: '2-digit',
  timeZone: 'Asia/Tokyo',
});

/** Versions of the same rules put other spaces before the half of the day. */
const plain = (text: string | null): string => (text ?? '').replace(/\s/g, ' ');
