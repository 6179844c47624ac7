/** Who is signed in, which of their accounts they look at, and what they may do there. Of pages inside the shell. */
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { OperatorPermission, Permission } from '../../../server/src/domain/role.ts';
import type { SessionAnswer } from '../../../server/src/http/dashboard-api/who-am-i.ts';

export type Account = SessionAnswer['accounts'][number];
export type Session = SessionAnswer & {
  /** The account that is looked at; null for who belongs to none. */
  account: Account | null;
  choose: (userId: number) => void;
  /** In the account that is looked at. */
  may: (permission: Permission) => boolean;
  isOperator: boolean;
  mayOperate: (permission: OperatorPermission) => boolean;
};

export const SessionContext = createContext<SessionAnswer | null>(null);

const KEY = 'account';
const listeners = new Set<() => void>();
const listen = (tell: () => void) => {
  listeners.add(tell);
  return () => listeners.delete(tell);
};

/** Each tab has its account; a new one begins with the account chosen last. */
const chosen = () => sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY);

function choose(userId: number): void {
  for (const storage of [sessionStorage, localStorage]) storage.setItem(KEY, String(userId));
  for (const tell of listeners) tell();
}

export function useSession(): Session {
  const answer = useContext(SessionContext);
  const wanted = useSyncExternalStore(listen, chosen);
  if (!answer) throw new Error('useSession is for pages inside the shell');
  const account =
    answer.accounts.find(({ user_id }) => String(user_id) === wanted) ?? answer.accounts[0] ?? null;
  return {
    ...answer,
    account,
    choose,
    may: permission => account?.permissions.includes(permission) ?? false,
    isOperator: answer.operator_permissions.length > 0,
    mayOperate: permission => answer.operator_permissions.includes(permission),
  };
}

/** The account that is looked at, for pages that are of an account: the shell shows them to nobody who has none. */
export function useAccount(): Account {
  const { account } = useSession();
  if (!account) throw new Error('this page is shown to members of an account alone');
  return account;
}
