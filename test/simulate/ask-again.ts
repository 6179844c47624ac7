/** People who ask for webhooks once more: for one, whatever became of it, or for those of a shop that were given up. */
import { transact } from '../../server/src/store/db.ts';
import { askForFailed, askForResend } from '../../server/src/store/resends.ts';
import type { Server, World } from './world.ts';

const DAY = 86_400_000;

type Delivery = { id: number; merchant_id: number; state: string };

export async function askAgain(world: World, { node }: Server): Promise<string> {
  const { chance, now } = world;
  const deliveries = await world.admin.rows<Delivery>(
    'select id, merchant_id, state from deliveries order by id desc limit 6',
  );
  if (deliveries.length === 0) return 'no webhook to ask for again';
  const { id, merchant_id: merchantId, state } = chance.pick(deliveries);
  const asked = { askedBy: null, now };
  if (chance.happens(0.2)) {
    const which = { merchantId, since: now - DAY, limit: 3 };
    const times = await transact(node.db, tx => askForFailed(tx, which, asked));
    if (times > 0) world.reach('asked again for all that failed');
    return `ask again for all that failed of merchant ${merchantId}: ${times}`;
  }
  const answer = await transact(node.db, tx => askForResend(tx, id, asked));
  world.reach(`asked again for ${state}: ${answer}`);
  return `ask again for delivery ${id}, ${state}: ${answer}`;
}
