/** Lets in who is signed in, and shows everybody else the way; within it `useSession` answers. */
import { useQuery } from '@tanstack/react-query';
import { useLocation, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Answered } from '../lib/failure.tsx';
import { ProofWindow } from './proof-window.tsx';
import { proofFor } from './prove.ts';
import { sessionQuery } from './session-query.ts';
import { SessionContext } from './use-session.ts';

export function SessionGuard({ children }: { children: ReactNode }) {
  const session = useQuery(sessionQuery);
  const personId = session.data?.person.id;
  const first = useRef(personId);
  useEffect(() => {
    // Somebody else has signed in, here or in another tab: nothing of the one before may stay in memory.
    if (first.current !== undefined && personId !== first.current) location.reload();
    first.current = personId;
  }, [personId]);
  if (session.data === undefined && proofFor(session.error) === 'sign_in') {
    return <SentToSignIn />;
  }
  return (
    <Answered query={session}>
      {answer => (
        <SessionContext value={answer}>
          {children}
          <ProofWindow />
        </SessionContext>
      )}
    </Answered>
  );
}

function SentToSignIn() {
  const navigate = useNavigate();
  const { href } = useLocation();
  // Where one wanted to go; the address is another one while one is on the way.
  const [next] = useState(href);
  useEffect(() => {
    void navigate({ to: '/sign-in', search: next === '/' ? {} : { next }, replace: true });
  }, [navigate, next]);
  return null;
}
