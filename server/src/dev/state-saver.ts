/**
 * Saves a running local chain whenever its head has changed. An orderly stop and a kill of our process lose nothing
 * anyway, since anvil writes its state when it is interrupted; this is for the kill that takes anvil along. What is
 * lost then is at most what came after the last look. Saving before every answer would lose nothing, but would put a
 * proxy in front of both chains and a dump of the whole chain (5 ms at 200 blocks, 100 ms at 5000) into every call.
 */
import { writeState } from './chain-state.ts';
import { rpcBlock, rpcHex } from './rpc.ts';

export class StateSaver {
  readonly #url: string;
  readonly #dir: string;
  #saved: string | null = null;

  constructor(options: { url: string; dir: string }) {
    this.#url = options.url;
    this.#dir = options.dir;
  }

  /** Saves if the head is not the one last saved. */
  async save(): Promise<void> {
    // The head is read first: a block that comes in between is in the dump as well, and is saved once more.
    const { hash } = await rpcBlock(this.#url, 'latest');
    if (hash === this.#saved) return;
    await writeState(this.#dir, await rpcHex(this.#url, 'anvil_dumpState'));
    this.#saved = hash;
  }
}
