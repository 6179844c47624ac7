/** The disk of PostgreSQL is full: nothing half-written, nothing acknowledged and lost, reading goes on, and it recovers alone. */
import { open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CryptoScan } from '@cryptoscan/sdk';
import { battle, calm } from './battle.ts';
import type { Scene } from './scene.ts';

/** `disk`: the small file system that the database of the field lies on. */
export function fullDisk(scene: Scene, disk: string, ms = 20_000): Promise<string[]> {
  const { field, figures } = scene;
  return battle({ ...scene, prefix: `${scene.prefix}-full` }, async traffic => {
    const known = await traffic.order('exact');
    const id = Number(known.answers[0]?.id);
    const filler = join(disk, 'filler');
    const from = Date.now();
    await fill(filler);
    const before = traffic.acknowledged;
    const end = performance.now() + ms;
    const reader = new CryptoScan({ baseUrl: field.gateways[0].baseUrl, ...field.shop, timeoutMs: 5000 });
    while (performance.now() < end) {
      // Whatever is given back, by a restart of PostgreSQL for one, is taken again.
      await fill(filler);
      const isRead = await reader.invoice(id).then(
        () => true,
        () => false,
      );
      const probe = await field.gateways[0].probe();
      figures.count({ [isRead ? 'reads answered on a full disk' : 'reads refused on a full disk']: 1 });
      figures.count({ [`/readyz on a full disk: ${probe ?? 'no answer'}`]: 1 });
      await sleep(500);
    }
    figures.count({ 'orders acknowledged on a full disk': traffic.acknowledged - before });
    await rm(filler);
    const begun = performance.now();
    await calm(field);
    await traffic.order('exact');
    figures.time('room again → ready, and an order acknowledged', performance.now() - begun);
    field.troubles.push({ from, to: Date.now() });
    const alarms = field.gateways.map(({ log }) => log.split('"alarm":"disk_full"').length - 1);
    figures.count({ 'alarms of a full disk': alarms.reduce((sum, n) => sum + n, 0) });
    if (alarms.every(n => n === 0)) throw new Error('nobody raised an alarm');
  });
}

/** Takes all that is left. */
async function fill(path: string): Promise<void> {
  const file = await open(path, 'a');
  try {
    for (let size = 1 << 20; size >= 1; size >>= 1) {
      for (;;) {
        const { bavail, bsize } = await statfs(path);
        if (bavail * bsize < size) break;
        await file.appendFile(Buffer.alloc(size));
      }
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    await file.close();
  }
}
