/** Every page that the navigation leads to, once: the side bar, the palette and the shortcuts read it. */
import type { Permission } from '../../../server/src/domain/role.ts';
import { useSession } from '../session/use-session.ts';

export type Place = {
  /** Its words are `places:<name>`. */
  name: string;
  path: string;
  /** Pressed after G. */
  key: string;
  /** For operators of the installation alone. */
  operator?: boolean;
  /** For those alone whose role allows it. */
  permission?: Permission;
};

const places: readonly Place[] = [
  { name: 'home', path: '/', key: 'h' },
  { name: 'invoices', path: '/invoices', key: 'i' },
  { name: 'money', path: '/money', key: 'u' },
  { name: 'webhooks', path: '/webhooks', key: 'w' },
  { name: 'merchants', path: '/merchants', key: 'm' },
  { name: 'links', path: '/links', key: 'l' },
  { name: 'reports', path: '/reports', key: 'r' },
  { name: 'team', path: '/team', key: 't', permission: 'team.read' },
  { name: 'audit', path: '/audit', key: 'a', permission: 'audit.read' },
  { name: 'settings', path: '/settings', key: 's' },
  { name: 'operator', path: '/operator', key: 'o', operator: true },
];

/** Those that lead somewhere for whoever is signed in. */
export function usePlaces(): Place[] {
  const { isOperator, may } = useSession();
  return places.filter(
    ({ operator, permission }) => (isOperator || !operator) && (permission === undefined || may(permission)),
  );
}
