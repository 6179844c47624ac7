/** What the server says about who is signed in. */
import { queryOptions } from '@tanstack/react-query';
import type { SessionAnswer, WelcomeAnswer } from '../../../server/src/http/dashboard-api/who-am-i.ts';
import { ask } from '../lib/api.ts';

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => ask<SessionAnswer>('GET', 'session', { signal }),
});

/** What the pages outside may offer. */
export const welcomeQuery = queryOptions({
  queryKey: ['welcome'],
  queryFn: ({ signal }) => ask<WelcomeAnswer>('GET', 'welcome', { signal }),
});
