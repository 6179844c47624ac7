/** The merchants of an account: which there are, a new one with its keys, and their settings. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { createMerchant } from '../../commands/create-merchant.ts';
import { defaultSettings, type MerchantSettings } from '../../commands/merchant-settings.ts';
import { updateMerchant } from '../../commands/update-merchant.ts';
import { type OptInType, optInTypes } from '../../domain/invoice.ts';
import { type PageLanguage, pageLanguages } from '../../domain/page-language.ts';
import { latePolicies, type Policy } from '../../domain/policy.ts';
import type { Permission } from '../../domain/role.ts';
import { keysOf, type MerchantLine, merchantLines } from '../../store/merchant-views.ts';
import { bodyOf, idOf } from './body.ts';
import type { DashboardDeps } from './deps.ts';
import { asVisitor, checked, given, ownMerchant } from './own-merchant.ts';
import { authorize } from './visit.ts';

/** Times in ms; `logo` is the hash that its address ends in. */
export type MerchantsAnswer = { merchants: MerchantLine[] };

/** The secrets are shown this once. */
export type NewMerchantAnswer = {
  id: number;
  public_key: string;
  private_key: string;
  webhook_secret: string;
};

export type MerchantAnswer = {
  id: number;
  name: string;
  url: string;
  webhook_url: string | null;
  auth: 'signature' | 'private-key';
  payment_minutes: number;
  compat: boolean;
  private_key_header: boolean;
  signature_v2: 'off' | 'on' | 'required';
  verified_only: boolean;
  page_origins: string[];
  return_hosts: string[] | null;
  language: PageLanguage | null;
  late_policy: Policy['late'];
  /** Percents as texts. */
  late_drift: string;
  underpaid_tolerance: string;
  overpaid_tolerance: string;
  remainder: boolean;
  opt_in_events: OptInType[];
  created_at: number;
  logo: string | null;
  keys: {
    public_key: string;
    created_at: number;
    /** null: accepted until it is replaced. */
    expires_at: number | null;
    last_used_at: number | null;
  }[];
};

const text = z.string('must be a text').max(3000, 'is too long');
const list = z.array(text, 'must be a list').max(100, 'has too many entries');

const newMerchantBody = z.strictObject({ name: text, url: text, webhook_url: text.nullable().default(null) });
export type NewMerchantBody = z.input<typeof newMerchantBody>;

const merchantBody = z
  .strictObject({
    name: text,
    url: text,
    payment_minutes: z.number('must be a number'),
    compat: z.boolean('must be true or false'),
    verified_only: z.boolean('must be true or false'),
    page_origins: list,
    return_hosts: list.nullable(),
    language: z.enum(pageLanguages, `must be one of ${pageLanguages.join(', ')}`).nullable(),
    late_policy: z.enum(latePolicies, `must be one of ${latePolicies.join(', ')}`),
    late_drift: text,
    underpaid_tolerance: text,
    overpaid_tolerance: text,
    remainder: z.boolean('must be true or false'),
    opt_in_events: z.array(z.enum(optInTypes, `must be among ${optInTypes.join(', ')}`), 'must be a list'),
    webhook_url: text.nullable(),
    private_key_header: z.boolean('must be true or false'),
    auth: z.enum(['signature', 'private-key'], 'must be signature or private-key'),
    signature_v2: z.enum(['off', 'on', 'required'], 'must be off, on or required'),
  })
  .partial();
export type MerchantBody = z.input<typeof merchantBody>;

/** What leads secrets or proofs elsewhere is not everybody's who edits a shop, and asks for a fresh proof. */
const permissionOf: Record<keyof MerchantBody, Permission> = {
  name: 'merchants.edit',
  url: 'merchants.edit',
  payment_minutes: 'merchants.edit',
  compat: 'merchants.edit',
  verified_only: 'merchants.edit',
  page_origins: 'merchants.edit',
  return_hosts: 'merchants.edit',
  language: 'merchants.edit',
  late_policy: 'merchants.edit',
  late_drift: 'merchants.edit',
  underpaid_tolerance: 'merchants.edit',
  overpaid_tolerance: 'merchants.edit',
  remainder: 'merchants.edit',
  opt_in_events: 'webhooks.edit',
  webhook_url: 'webhooks.edit',
  private_key_header: 'webhooks.edit',
  auth: 'keys.rotate',
  signature_v2: 'keys.rotate',
};

export function merchantRoutes(app: FastifyInstance, deps: DashboardDeps): void {
  app.get('/users/:userId/merchants', async (request, reply) => {
    const userId = idOf(request, 'userId');
    authorize(request, 'merchants.read', userId);
    const answer: MerchantsAnswer = { merchants: await merchantLines(deps.db, userId) };
    return reply.send(answer);
  });
  app.post('/users/:userId/merchants', async (request, reply) =>
    reply.code(201).send(await create(deps, request)),
  );
  app.get('/users/:userId/merchants/:merchantId', async (request, reply) => {
    const merchant = await ownMerchant(deps, request, 'merchants.read');
    const answer: MerchantAnswer = { ...merchant, keys: await keysOf(deps.db, merchant.id) };
    return reply.send(answer);
  });
  app.patch('/users/:userId/merchants/:merchantId', async (request, reply) => {
    const body = bodyOf(merchantBody, request);
    const needed = Object.keys(body).map(name => permissionOf[name as keyof MerchantBody]);
    const { id } = await ownMerchant(deps, request, 'merchants.read', ...new Set(needed));
    checked(await updateMerchant(asVisitor(deps, request), id, settingsOf(body)));
    return reply.code(204).send();
  });
}

async function create(deps: DashboardDeps, request: FastifyRequest): Promise<NewMerchantAnswer> {
  const { name, url, webhook_url: webhookUrl } = bodyOf(newMerchantBody, request);
  const userId = idOf(request, 'userId');
  authorize(request, 'merchants.edit', userId);
  const settings = { ...defaultSettings, name, url, webhookUrl };
  const made = checked(await createMerchant(asVisitor(deps, request), { userId, settings, keys: null }));
  return {
    id: made.id,
    public_key: made.publicKey,
    private_key: made.privateKey,
    webhook_secret: made.webhookSecret,
  };
}

function settingsOf(body: z.output<typeof merchantBody>): Partial<MerchantSettings> {
  return given({
    name: body.name,
    url: body.url,
    paymentMinutes: body.payment_minutes,
    compat: body.compat,
    verifiedOnly: body.verified_only,
    pageOrigins: body.page_origins,
    returnHosts: body.return_hosts,
    language: body.language,
    late: body.late_policy,
    lateDrift: body.late_drift,
    underpaidTolerance: body.underpaid_tolerance,
    overpaidTolerance: body.overpaid_tolerance,
    remainder: body.remainder,
    optInEvents: body.opt_in_events,
    webhookUrl: body.webhook_url,
    privateKeyHeader: body.private_key_header,
    auth: body.auth,
    signatureV2: body.signature_v2,
  });
}
