/** What follows when somebody has come in. */
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { sessionQuery } from './session-query.ts';

/** Goes to `next`, a path of this app; what was remembered before belongs to nobody any more. */
export function useEnter(next: string | undefined): () => Promise<void> {
  const client = useQueryClient();
  const router = useRouter();
  return async () => {
    client.clear();
    await client.prefetchQuery(sessionQuery);
    router.history.push(insideApp(next ?? '/'));
  };
}

/** An address of this app and of nothing else, whoever wrote the link. */
function insideApp(next: string): string {
  const home = new URL('.', document.baseURI);
  const there = URL.parse(`.${next}`, home) ?? home;
  const isInside = there.origin === home.origin && there.pathname.startsWith(home.pathname);
  return isInside ? there.pathname + there.search : home.pathname;
}
