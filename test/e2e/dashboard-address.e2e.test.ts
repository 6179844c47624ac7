import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkMasterKey } from '../../server/src/store/installation.ts';
import { type Ground, openGround } from '../gateway.ts';
import { defaultLimits } from './api-server.ts';
import { type Dashboard, openDashboard, password, signedIn, somebody } from './dashboard-world.ts';

let ground: Ground;
let dashboard: Dashboard;

beforeAll(async () => {
  ground = await openGround();
  await checkMasterKey(ground.db, ground.vault, ground.clock.now());
  dashboard = await openDashboard(ground, { limits: defaultLimits });
});
afterAll(async () => {
  await dashboard?.stop();
  await ground?.close();
});

test('a flood from one address is stopped, and a browser known from before still gets in from there', async () => {
  const { email } = await somebody(dashboard.deps);
  const owner = await signedIn(dashboard, email);
  const flood = async (n: number) => {
    const guess = { token: 'A'.repeat(43), password };
    return (
      await dashboard
        .browser()
        .post(
          n % 2 ? '/password-reset/confirm' : '/invitations/look-up',
          n % 2 ? guess : { token: guess.token },
        )
    ).status;
  };
  const statuses: number[] = [];
  while (!statuses.includes(429) && statuses.length < 400) statuses.push(await flood(statuses.length));
  expect(statuses.filter(status => status === 404).length).toBeGreaterThan(90);
  expect(statuses.at(-1)).toBe(429);
  expect((await dashboard.browser().post('/sign-in', { email, password })).status).toBe(429);
  await owner.post('/sign-out');
  expect((await owner.post('/sign-in', { email, password })).status).toBe(200);
  // A cookie that nobody was given helps nobody.
  const liar = dashboard.browser();
  liar.cookies.set('__Host-device', 'B'.repeat(43));
  expect((await liar.post('/sign-in', { email, password })).status).toBe(429);
});
