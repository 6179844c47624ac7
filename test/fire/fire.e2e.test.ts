/** A sample of `npm run fire`: two whole gateways on one database, killed and restarted under traffic, judged from outside. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Chance } from '../seeded.ts';
import { Field } from './field.ts';
import { Figures } from './figures.ts';
import { someKills } from './kills.ts';
import { rollingRestarts } from './rolling.ts';
import { sceneOf } from './scene.ts';

const SEED = 7;
let field: Field;
const figures = new Figures();
const scene = (prefix: string, rounds: number) =>
  sceneOf({
    ...{ field, figures, rounds, prefix, chance: new Chance(SEED) },
    say: () => undefined,
    isOver: () => false,
  });

beforeAll(async () => {
  field = await Field.open();
}, 300_000);

afterAll(async () => {
  await field?.close();
}, 120_000);

test('killed between two statements, after a commit, and between a webhook and its record: nothing lost, nothing twice', async () => {
  const strikes = [
    { point: /^create: invoice made/, victim: 'database' },
    { point: /^settle: committed/, victim: 'app' },
    { point: /^dispatch: sent, not recorded/, victim: 'app' },
  ] as const;
  const complaints = await someKills(scene('kills', strikes.length), strikes);
  expect(complaints).toEqual([]);
  expect(figures.of('kills: app')).toBe(2);
  expect(figures.of('kills: database')).toBe(1);
  expect(figures.of('invoices paid')).toBeGreaterThan(0);
}, 300_000);

test('restarted in turn under load: every request under way is answered', async () => {
  expect(await rollingRestarts(scene('rolling', 2))).toEqual([]);
  expect(figures.of('restarts')).toBe(2);
  expect(figures.of('creates answered 200 meanwhile')).toBeGreaterThan(0);
}, 300_000);
