/** Which address shows which page. */
import { createRootRoute, createRoute, createRouter } from '@tanstack/react-router';
import { Shell } from './layout/shell.tsx';
import { Home } from './pages/home.tsx';
import { NotFound } from './pages/not-found.tsx';

const root = createRootRoute({ notFoundComponent: NotFound });

/** Everything for which one must be signed in. */
const inside = createRoute({ getParentRoute: () => root, id: 'inside', component: Shell });

const home = createRoute({ getParentRoute: () => inside, path: '/', component: Home });

export const router = createRouter({
  routeTree: root.addChildren([inside.addChildren([home])]),
  basepath: new URL(document.baseURI).pathname,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
