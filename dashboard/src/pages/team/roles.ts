/** The roles, from the most to the least; what each may do is the server's to say. */
import type { Role } from '../../../../server/src/domain/role.ts';

export const roles = ['owner', 'admin', 'developer', 'support', 'viewer'] as const satisfies readonly Role[];

/** Those that somebody of this role may give and take: only owners deal in ownership. */
export const grantedBy = (role: string): readonly Role[] =>
  role === 'owner' ? roles : roles.filter(one => one !== 'owner');
