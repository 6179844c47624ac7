/** The app as a whole: what is asked of the server is remembered here, and the address decides the page. */
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { Refusal } from './lib/api.ts';
import { router } from './router.tsx';
import { proofFor, prove } from './session/prove.ts';
import { sessionQuery } from './session/session-query.ts';

const client: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: error => void askAgain(error) }),
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // What the server refused once it refuses again; only what did not reach it is worth another try.
      retry: (count, error) =>
        count < 2 && !(error instanceof Refusal && error.status > 0 && error.status < 500),
    },
  },
});

/** Who was signed in and is no more is asked to sign in over the page, which then asks for its data once more. */
async function askAgain(error: Error): Promise<void> {
  const kind = proofFor(error);
  if (kind === null || client.getQueryData(sessionQuery.queryKey) === undefined) return;
  if (await prove(kind)) await client.invalidateQueries();
}

export function App() {
  return (
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  );
}
