/** Stories of payers who change their minds. */
import type { AssetCode, NetworkCode } from '../../server/src/domain/asset.ts';
import type { Chapter, Story } from './chapters.ts';
import { chooseOn } from './people.ts';
import type { World } from './world.ts';

type Page = {
  id: number;
  merchant_id: number;
  page_id: string;
  status: string;
  network: NetworkCode | null;
  asset: AssetCode | null;
};
type Place = { network: NetworkCode; asset: AssetCode };

const PAGES = `select id, merchant_id, page_id, status, network, asset from invoices
  where page_id is not null and status in ('awaiting_method', 'new') and exception is null`;

/** Pages on which a payer may still choose, the newest first. */
export const openPages = ({ admin, now }: World): Promise<Page[]> =>
  admin.rows<Page>(`${PAGES} and expire_at > $1 order by id desc`, [new Date(now)]);

/** In what, and on which network, payments are taken by anybody. */
export function placesOf({ addresses }: World): Place[] {
  const places = new Map(addresses.map(place => [`${place.network} ${place.asset}`, place]));
  return [...places.values()];
}

/** Chooses on a page as it stands by then. */
export const chooses =
  ({ id }: Page, place: Place): Chapter =>
  async (world, server) => {
    const [page] = await world.admin.rows<Page>(`${PAGES} and id = $1`, [id]);
    return page ? chooseOn(world, server, page, place) : 'nothing to choose on';
  };

/** One who wants to pay in everything, one after the other. */
const everyCoin: Story = async world => {
  const [page] = await openPages(world);
  return page ? world.focused.shuffled(placesOf(world)).map(place => chooses(page, place)) : [];
};

export const pageStories = { everyCoin };
