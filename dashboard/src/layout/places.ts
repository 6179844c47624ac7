/** Every page that the navigation leads to, once: the side bar, the palette and the shortcuts read it. */

export type Place = {
  /** Its words are `places:<name>`. */
  name: string;
  path: string;
  /** Pressed after G. */
  key: string;
  /** For operators of the installation alone. */
  operator?: boolean;
};

export const places: readonly Place[] = [
  { name: 'home', path: '/', key: 'h' },
  { name: 'invoices', path: '/invoices', key: 'i' },
  { name: 'money', path: '/money', key: 'u' },
  { name: 'webhooks', path: '/webhooks', key: 'w' },
  { name: 'merchants', path: '/merchants', key: 'm' },
  { name: 'links', path: '/links', key: 'l' },
  { name: 'reports', path: '/reports', key: 'r' },
  { name: 'team', path: '/team', key: 't' },
  { name: 'audit', path: '/audit', key: 'a' },
  { name: 'settings', path: '/settings', key: 's' },
  { name: 'operator', path: '/operator', key: 'o', operator: true },
];
