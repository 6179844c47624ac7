/** Asking whoever sits here to prove who they are, wherever that turns out to be needed; `proof-window.tsx` shows it. */
import { useSyncExternalStore } from 'react';
import { Refusal } from '../lib/api.ts';

/** The session is over, or its last proof lies too far back. */
export type ProofKind = 'sign_in' | 'step_up';
type Wanted = { kind: ProofKind; settle: (proved: boolean) => void; settled: Promise<boolean> };

let wanted: Wanted | null = null;
const listeners = new Set<() => void>();

function want(next: Wanted | null): void {
  wanted = next;
  for (const tell of listeners) tell();
}

/** Whether it was proved; several acts that ask at once wait for the same proof. */
export function prove(kind: ProofKind): Promise<boolean> {
  if (wanted) {
    // To be signed in is the more that is asked for: with it comes a fresh proof.
    if (kind === 'sign_in' && wanted.kind !== kind) want({ ...wanted, kind });
    return wanted.settled;
  }
  let settle: (proved: boolean) => void = () => {};
  const settled = new Promise<boolean>(resolve => {
    settle = proved => {
      want(null);
      resolve(proved);
    };
  });
  want({ kind, settle, settled });
  return settled;
}

export function useWantedProof(): Wanted | null {
  return useSyncExternalStore(
    tell => {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
    () => wanted,
  );
}

/** What a refusal asks for before the same act may be tried again; null: it stays refused. */
export function proofFor(error: unknown): ProofKind | null {
  if (!(error instanceof Refusal)) return null;
  if (error.status === 401 && error.code === 'signed_out') return 'sign_in';
  return error.code === 'step_up_required' ? 'step_up' : null;
}

/** Does what is asked, and does it again when the person has proved what the server wanted proved. */
export async function withProof<Answer>(act: () => Promise<Answer>): Promise<Answer> {
  for (let left = 2; ; left--) {
    try {
      return await act();
    } catch (error) {
      const kind = proofFor(error);
      if (kind === null || left === 0 || !(await prove(kind))) throw error;
    }
  }
}
