/** The merchant API, /api/v1: the documented contract. Every route is registered here, by name. */
import type { FastifyInstance } from 'fastify';
import type { Db } from '../../store/db.ts';
import { authenticate, type FindCredentials } from './auth.ts';
import { readBodies } from './body.ts';
import { type CreateOne, createInvoiceRoute } from './create-invoice.ts';
import { answerErrors, refuseOtherMethods } from './errors.ts';
import { viewInvoiceRoute } from './view-invoice.ts';
import { viewUserRoute } from './view-user.ts';

export type MerchantApiDeps = { db: Db; findCredentials: FindCredentials; createInvoice: CreateOne };

export async function merchantApi(app: FastifyInstance, deps: MerchantApiDeps): Promise<void> {
  readBodies(app);
  answerErrors(app);
  app.decorateRequest('merchant', null);
  // Before validation and after the body is read: the order of answers is 413, 415, syntax 400, 401, then the rest.
  app.addHook('preValidation', authenticate(deps.findCredentials));
  createInvoiceRoute(app, deps.createInvoice);
  viewInvoiceRoute(app, deps.db);
  viewUserRoute(app, deps.db);
  refuseOtherMethods(app, '/invoice', ['POST']);
  refuseOtherMethods(app, '/invoice/:id', ['GET']);
  refuseOtherMethods(app, '/user', ['GET']);
}
