/** The app as a whole: what is asked of the server is remembered here, and the address decides the page. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { Refusal } from './lib/api.ts';
import { router } from './router.tsx';

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // What the server refused once it refuses again; only what did not reach it is worth another try.
      retry: (count, error) =>
        count < 2 && !(error instanceof Refusal && error.status > 0 && error.status < 500),
    },
  },
});

export function App() {
  return (
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  );
}
