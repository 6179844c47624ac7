/** What the routes of the dashboard work with. */
import type { PeopleDeps } from '../../commands/people-deps.ts';
import type { PasskeyDeps } from '../../commands/register-passkey.ts';
import type { Registration } from '../../domain/registration.ts';
import { relyingParty } from '../../lib/relying-party.ts';
import type { TokenBuckets } from '../../lib/token-buckets.ts';

/** What the operator decides. */
type DashboardOptions = {
  registration: Registration;
  /** Whether letters are sent. */
  mail: boolean;
};

export type DashboardDeps = PeopleDeps &
  DashboardOptions & {
    /** Where this installation is reached, without a slash at the end. */
    baseUrl: () => string;
    /** null: as much as one likes. */
    addressLimits: TokenBuckets | null;
  };

export function passkeyDeps(deps: DashboardDeps): PasskeyDeps {
  return { ...deps, relyingParty: relyingParty(deps.baseUrl()) };
}
