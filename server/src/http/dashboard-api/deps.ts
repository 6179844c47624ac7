/** What the routes of the dashboard work with. */
import type { AcceptPart, PartFault } from '../../commands/accept-part.ts';
import type { AcceptDeps } from '../../commands/accept-transfer.ts';
import type { WalletDeps } from '../../commands/add-wallet.ts';
import type { CancelInvoice } from '../../commands/cancel-invoice.ts';
import type { CreateByHand } from '../../commands/create-by-hand.ts';
import type { Answer } from '../../commands/create-invoice.ts';
import type { MerchantDeps } from '../../commands/create-merchant.ts';
import type { Checked } from '../../commands/faults.ts';
import type { PeopleDeps } from '../../commands/people-deps.ts';
import type { PasskeyDeps } from '../../commands/register-passkey.ts';
import type { TopUp } from '../../commands/top-up.ts';
import type { OperatorTerms } from '../../domain/commission.ts';
import type { CancelFault } from '../../domain/errors.ts';
import type { Invoice } from '../../domain/invoice.ts';
import type { Registration } from '../../domain/registration.ts';
import type { DispatchDeps } from '../../flow/dispatch.ts';
import { relyingParty } from '../../lib/relying-party.ts';
import type { Result } from '../../lib/result.ts';
import type { TokenBuckets } from '../../lib/token-buckets.ts';
import type { RateBook } from '../../rates/rate-book.ts';
import type { Acting } from '../../store/audit-log.ts';
import type { AskPrice } from '../merchant-api/price.ts';
import type { ExportLimits } from './export-places.ts';

/** What the merchants of an account are under. */
type ShopOptions = Pick<MerchantDeps, 'allow'> &
  Pick<WalletDeps, 'hold'> & {
    terms?: OperatorTerms | undefined;
    topUp: (asked: { userId: number; amount: unknown }) => Promise<Checked<TopUp>>;
  };

/** What the operator decides. */
type DashboardOptions = ShopOptions & {
  registration: Registration;
  /** Whether letters are sent. */
  mail: boolean;
};

/** What is done to invoices and their webhooks. */
type InvoiceActs = {
  cancelInvoice: (command: CancelInvoice) => Promise<Result<Invoice, CancelFault>>;
  createByHand: (command: CreateByHand, acting: Acting) => Promise<Answer>;
  acceptPart: (command: AcceptPart) => Promise<Result<Invoice, PartFault>>;
  askPrice: AskPrice;
  /** 128 random bits in the shape of a UUID. */
  pageId: () => string;
  /** The guarded outbound HTTP. */
  post: DispatchDeps['post'];
};

export type DashboardDeps = PeopleDeps &
  InvoiceActs &
  Pick<AcceptDeps, 'networks' | 'confirmInvoice'> &
  DashboardOptions & {
    /** Where this installation is reached, without a slash at the end. */
    baseUrl: () => string;
    /** What is known of rates in this process. */
    book: RateBook;
    /** null: as much as one likes. */
    addressLimits: TokenBuckets | null;
    /** What each merchant may have looked up on the chain, wherever it asks for it; null: as much as it likes. */
    lookUps: TokenBuckets | null;
    /** By default as many exports at once as ExportPlaces says. */
    exports?: Partial<ExportLimits>;
  };

export function passkeyDeps(deps: DashboardDeps): PasskeyDeps {
  return { ...deps, relyingParty: relyingParty(deps.baseUrl()) };
}
