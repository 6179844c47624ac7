/**
 * How many exports are sent at once. Each holds memory and asks the database for page after page, no faster than its reader
 * takes them; so nobody may hold the places of all, and a reader that takes nothing loses its own.
 */
import type { ServerResponse } from 'node:http';

export type ExportLimits = {
  perProcess: number;
  perAccount: number;
  /** How long (ms) an export may stand still: as long as this nothing has left for its reader. */
  patience: number;
};

const DEFAULTS: ExportLimits = { perProcess: 8, perAccount: 2, patience: 60_000 };

export class ExportPlaces {
  readonly #limits: ExportLimits;
  readonly #perAccount = new Map<number, number>();
  #taken = 0;

  constructor(limits: Partial<ExportLimits> = {}) {
    this.#limits = { ...DEFAULTS, ...limits };
  }

  /** Takes a place for an answer until that is over, in whatever way; false when there is none. */
  take(userId: number, out: ServerResponse): boolean {
    const { perProcess, perAccount, patience } = this.#limits;
    const own = this.#perAccount.get(userId) ?? 0;
    if (out.destroyed || this.#taken >= perProcess || own >= perAccount) return false;
    this.#taken += 1;
    this.#perAccount.set(userId, own + 1);
    out.once('close', () => this.#leave(userId));
    // The socket's own timer: it counts what the system has sent on, and so a reader that is slow but reads.
    out.setTimeout(patience, () => out.destroy());
    return true;
  }

  #leave(userId: number): void {
    this.#taken -= 1;
    const left = (this.#perAccount.get(userId) ?? 1) - 1;
    if (left > 0) this.#perAccount.set(userId, left);
    else this.#perAccount.delete(userId);
  }
}
