/** The page a request is for. */
import type { FastifyRequest } from 'fastify';
import type { Clock } from '../../lib/clock.ts';
import type { Vault } from '../../lib/vault.ts';
import type { Db } from '../../store/db.ts';
import { findPage, type PageFacts } from '../../store/pages.ts';
import { admitView, noteGuess, noteView, type PageLimits } from './page-limits.ts';
import { PageUnknown } from './unknown-page.ts';

export type FindDeps = {
  db: Db;
  vault: Vault;
  clock: Clock;
  /** null: as much as one likes. */
  pageLimits: PageLimits | null;
};

/** As page ids are printed, and in no other way. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Throws PageUnknown, or the 429 of an address that has guessed too often. */
export async function requestedPage(deps: FindDeps, request: FastifyRequest): Promise<PageFacts> {
  const { db, vault, clock, pageLimits } = deps;
  const { pageId } = request.params as { pageId: string };
  const now = clock.now();
  if (pageLimits) admitView(pageLimits, request, { pageId, now });
  const facts = UUID.test(pageId) ? await findPage(db, vault, { pageId, now }) : null;
  if (!facts) {
    if (pageLimits) noteGuess(pageLimits, request, now);
    throw new PageUnknown('There is no such page');
  }
  if (pageLimits) noteView(pageLimits, { pageId, now });
  return facts;
}
