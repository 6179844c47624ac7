/**
 * What a person may do for a user account, by role: one table, asked by every route of the dashboard. What belongs to the
 * whole installation is the operator's, who is a person with that mark and no role.
 */
export const roles = ['owner', 'admin', 'developer', 'support', 'viewer'] as const;
export type Role = (typeof roles)[number];

const everybody: readonly Role[] = roles;

/** Each permission with the roles that have it. */
export const permissions = {
  'merchants.read': everybody,
  'merchants.edit': ['owner', 'admin'],
  'invoices.read': everybody,
  'invoices.create': ['owner', 'admin', 'developer', 'support'],
  'invoices.confirm': ['owner', 'admin', 'support'],
  'invoices.cancel': ['owner', 'admin', 'support'],
  'webhooks.read': everybody,
  'webhooks.resend': ['owner', 'admin', 'developer', 'support'],
  'webhooks.edit': ['owner', 'admin', 'developer'],
  'keys.rotate': ['owner', 'admin', 'developer'],
  'wallets.read': everybody,
  'wallets.edit': ['owner', 'admin'],
  'reports.read': everybody,
  'balance.read': ['owner', 'admin'],
  'team.read': ['owner', 'admin'],
  'team.edit': ['owner', 'admin'],
  'audit.read': ['owner', 'admin'],
} as const satisfies Record<string, readonly Role[]>;

export type Permission = keyof typeof permissions;

/** What only an operator may do. */
export const operatorPermissions = [
  'operator.accounts',
  'operator.currencies',
  'operator.networks',
  'operator.audit',
] as const;
export type OperatorPermission = (typeof operatorPermissions)[number];

/** Acts that could lead money or secrets elsewhere ask for a proof that is minutes old. */
const withStepUp: ReadonlySet<Permission | OperatorPermission> = new Set<Permission | OperatorPermission>([
  'keys.rotate',
  'wallets.edit',
  'webhooks.edit',
  'team.edit',
  'operator.accounts',
  'operator.currencies',
  'operator.networks',
]);

export function mayDo(role: Role, permission: Permission): boolean {
  return (permissions[permission] as readonly Role[]).includes(role);
}

export function permissionsOf(role: Role): Permission[] {
  return (Object.keys(permissions) as Permission[]).filter(permission => mayDo(role, permission));
}

export function needsStepUp(permission: Permission | OperatorPermission): boolean {
  return withStepUp.has(permission);
}

/** Whether somebody of this role may give, change or take the other role: only owners deal in ownership. */
export function mayGrant(actor: Role, role: Role): boolean {
  return mayDo(actor, 'team.edit') && (role !== 'owner' || actor === 'owner');
}
