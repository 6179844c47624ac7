/** The database of a long-running command on its own data folder. */
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../store/embedded/embedded-postgres.ts';
import { CommandError } from './exit.ts';

/** `lost` rejects when the server has ended and cannot be brought back. */
export async function startOwnPostgres(
  dir: string,
  hears: { log: (line: string) => void; onRestart: (ended: string) => void },
): Promise<{ postgres: EmbeddedPostgres; lost: Promise<never> }> {
  let onLost: (error: Error) => void = () => undefined;
  const lost = new Promise<never>((_, reject) => {
    onLost = reject;
  });
  // It may be lost before anybody listens.
  lost.catch(() => undefined);
  const started = await startEmbeddedPostgres({ dir, ...hears, onLost });
  if (!started.ok) throw new CommandError(1, started.fault);
  return { postgres: started.value, lost };
}
