import { expect, test } from 'vitest';
import { testDatabase } from '../../../test/pg.ts';
test('x', async () => {
  const d = await testDatabase();
  for (let i = 0; i < 3; i++) { const t = performance.now(); await d.clear(); console.log(performance.now() - t); }
  expect(await d.db.selectFrom('users').selectAll().execute()).toEqual([]);
  await d.close();
});
