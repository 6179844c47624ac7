/** What the routes below /users/:userId/merchants/:merchantId have in common. */
import type { FastifyRequest } from 'fastify';
import type { ActingDeps } from '../../commands/acting.ts';
import type { Checked, InputFault } from '../../commands/faults.ts';
import { asPerson } from '../../commands/people-deps.ts';
import type { Permission } from '../../domain/role.ts';
import { merchantOf } from '../../store/merchant-views.ts';
import { idOf } from './body.ts';
import type { DashboardDeps } from './deps.ts';
import { DashboardError, invalidFields } from './errors.ts';
import { authorize, doorstepOf, personOf } from './visit.ts';

type OwnMerchant = NonNullable<Awaited<ReturnType<typeof merchantOf>>>;

/** The merchant in the path, where the person may do all of this with it; throws 404 and 403 as `authorize` does. */
export async function ownMerchant(
  { db }: DashboardDeps,
  request: FastifyRequest,
  ...permissions: readonly [Permission, ...Permission[]]
): Promise<OwnMerchant> {
  const userId = idOf(request, 'userId');
  for (const permission of permissions) authorize(request, permission, userId);
  const merchant = await merchantOf(db, { userId, merchantId: idOf(request, 'merchantId') });
  if (!merchant) throw new DashboardError(404, 'not_found', 'There is nothing here.');
  return merchant;
}

/** The dependencies of a command that this person gives. */
export function asVisitor(
  deps: DashboardDeps,
  request: FastifyRequest,
): DashboardDeps & Required<ActingDeps> {
  const { visitor } = doorstepOf(request, deps);
  return { ...deps, acting: asPerson(personOf(request).row.id, visitor) };
}

/** The value of a command whose settings are camelCase; its faults name the fields of our JSON, which are snake_case. */
export function checked<T>(outcome: Checked<T>): T {
  if (outcome.ok) return outcome.value;
  throw invalidFields(outcome.fault.map(renamed));
}

const renamed = ({ field, ...said }: InputFault): InputFault => ({
  ...said,
  // Of a list the place in it says nothing to people: the fault quotes what is wrong.
  field: (field.split('.')[0] ?? field).replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`),
});

/** Without the fields that are not there, which are to stay as they are. */
export function given<T extends object>(fields: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
