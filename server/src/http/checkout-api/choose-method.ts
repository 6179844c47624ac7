/**
 * POST /payment/{uuid}/method: the payer chooses coin and network, as `method=TRC-20:USDT`, or changes them: `from` is what
 * the page showed as chosen, empty when nothing was.
 */
import type { Notice } from '@cryptoscan/checkout';
import type { FastifyInstance } from 'fastify';
import type { ChooseMethod } from '../../commands/choose-method.ts';
import { assetCodes, networkCodes } from '../../domain/asset.ts';
import type { ChooseFault } from '../../domain/errors.ts';
import type { Invoice } from '../../domain/invoice.ts';
import type { Result } from '../../lib/result.ts';
import { backToPage, type FormDeps, fieldOf, formPage } from './receive-form.ts';
import { PageUnknown } from './unknown-page.ts';

export type ChooseDeps = FormDeps & {
  chooseMethod: (command: ChooseMethod) => Promise<Result<Invoice, ChooseFault>>;
};

const noticeOf: Record<Exclude<ChooseFault, 'page_unknown'>, Notice> = {
  invoice_ended: 'ended',
  payment_seen: 'payment_seen',
  too_many_changes: 'changes_used',
  off_peg: 'unavailable',
  no_rate: 'unavailable',
  no_wallet: 'unavailable',
  wallet_integrity: 'unavailable',
  no_free_amount: 'no_amount',
  network_behind: 'network_behind',
};

export function chooseMethodRoute(app: FastifyInstance, deps: ChooseDeps): void {
  app.post('/:pageId/method', async (request, reply) => {
    const { page, invoiceId } = await formPage(deps, request);
    const method = methodOf(fieldOf(request, 'method'));
    const shown = fieldOf(request, 'from');
    const from = methodOf(shown);
    if (!method || (shown && !from))
      return backToPage(request, reply, { pageId: page.id, notice: 'unavailable' });
    const chosen = await deps.chooseMethod({ pageId: page.id, from, method });
    if (chosen.ok) return backToPage(request, reply, { pageId: page.id, notice: null });
    const { fault } = chosen;
    if (fault === 'page_unknown') throw new PageUnknown('There is no such page');
    if (fault === 'wallet_integrity')
      request.log.error({ invoice: invoiceId, ...method }, 'a wallet is not as it was registered');
    return backToPage(request, reply, { pageId: page.id, notice: noticeOf[fault] });
  });
}

/** `<network>:<coin>`, of those there are; null for anything else. */
function methodOf(text: string | null): ChooseMethod['method'] | null {
  const [first, second, ...more] = text?.split(':') ?? [];
  const network = networkCodes.find(code => code === first);
  const asset = assetCodes.find(code => code === second);
  return network && asset && more.length === 0 ? { network, asset } : null;
}
