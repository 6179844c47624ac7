import { describe, expect, test } from 'vitest';
import { mayDo, mayGrant, needsStepUp, type Permission, permissions, permissionsOf, roles } from './role.ts';

/** As people were promised; o owner, a admin, d developer, s support, v viewer. */
const matrix: Record<Permission, string> = {
  'merchants.read': 'oadsv',
  'merchants.edit': 'oa',
  'invoices.read': 'oadsv',
  'invoices.create': 'oads',
  'invoices.confirm': 'oas',
  'invoices.cancel': 'oas',
  'webhooks.read': 'oadsv',
  'webhooks.resend': 'oads',
  'webhooks.edit': 'oad',
  'keys.rotate': 'oad',
  'wallets.read': 'oadsv',
  'wallets.edit': 'oa',
  'reports.read': 'oadsv',
  'balance.read': 'oa',
  'team.read': 'oa',
  'team.edit': 'oa',
  'audit.read': 'oa',
};

describe('roles', () => {
  test.each(roles)('%s may do exactly what the table says', role => {
    const expected = Object.entries(matrix).filter(([, letters]) => letters.includes(role.charAt(0)));
    expect(permissionsOf(role).toSorted()).toEqual(expected.map(([permission]) => permission).toSorted());
  });

  test('whoever only looks can change nothing', () => {
    const changing = (Object.keys(permissions) as Permission[]).filter(name => !name.endsWith('.read'));
    expect(changing.filter(permission => mayDo('viewer', permission))).toEqual([]);
  });

  test('only owners deal in ownership, and only owners and admins in roles at all', () => {
    expect(roles.filter(actor => mayGrant(actor, 'owner'))).toEqual(['owner']);
    expect(roles.filter(actor => mayGrant(actor, 'viewer'))).toEqual(['owner', 'admin']);
  });

  test('what could lead money or secrets elsewhere asks for a fresh proof', () => {
    const fresh = (Object.keys(permissions) as Permission[]).filter(needsStepUp);
    expect(fresh.toSorted()).toEqual(['keys.rotate', 'team.edit', 'wallets.edit', 'webhooks.edit']);
  });
});
