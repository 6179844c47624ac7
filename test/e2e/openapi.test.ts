/** The published description of the API: well formed by an independent linter, and each example by its schema. */
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { describe, expect, test } from 'vitest';
import { eventData } from '../../server/src/domain/event.ts';
import type { EventType } from '../../server/src/domain/invoice.ts';
import { eventTypes } from '../../server/src/domain/invoice.ts';
import { webhookRequest } from '../../server/src/flow/webhook-request.ts';
import { openApiDocument } from '../../server/src/http/openapi/document.ts';
import { anInvoice } from '../invoice.ts';
import { type Document, validator } from './openapi-validator.ts';

const document = openApiDocument() as unknown as Document;
const validate = validator(document);

async function lint(described: object): Promise<string[]> {
  const config = await createConfig({
    extends: ['recommended'],
    rules: {
      'no-invalid-media-type-examples': 'error',
      'no-invalid-parameter-examples': 'error',
      'no-invalid-schema-examples': 'error',
    },
  });
  const problems = await lintFromString({
    source: JSON.stringify(described),
    absoluteRef: 'openapi.json',
    config,
  });
  return problems.map(({ ruleId, message, location }) => `${ruleId} ${location[0]?.pointer} ${message}`);
}

describe('the description', () => {
  test('has no error and no warning', async () => {
    expect(await lint(document)).toEqual([]);
  });

  test('a planted fault is seen', async () => {
    const broken = structuredClone(document);
    const answer = broken.paths['/user']!.get!.responses['200'] as { content: Content };
    answer.content['application/json']!.examples.example1!.value = { success: true, data: { id: 'two' } };
    expect((await lint(broken)).join()).toContain('no-invalid-media-type-examples');
  });
});

type Content = Record<string, { schema: object; examples: Record<string, { value: unknown }> }>;

/** Every body of the document that has examples, wherever it stands. */
function contents(value: unknown, path = ''): { path: string; schema: object; value: unknown }[] {
  if (typeof value !== 'object' || value === null) return [];
  const { schema, examples } = value as Partial<Content[string]>;
  const here =
    schema && examples && !Array.isArray(examples)
      ? Object.entries(examples).map(([name, example]) => ({
          path: `${path}/${name}`,
          schema,
          value: example.value,
        }))
      : [];
  return [...here, ...Object.entries(value).flatMap(([name, inner]) => contents(inner, `${path}/${name}`))];
}

describe('examples', () => {
  const all = contents(document);

  test('are there for every request, answer and webhook', () => {
    for (const item of [...Object.values(document.paths), ...Object.values(document.webhooks)])
      for (const operation of Object.values(item))
        for (const body of [operation.requestBody, operation.responses['200']])
          for (const content of Object.values((body as { content?: Content } | undefined)?.content ?? {}))
            expect(Object.keys(content.examples ?? {})).not.toEqual([]);
    expect(all.length).toBeGreaterThan(50);
  });

  test('are what their schemas say, and have no field that is not described', () => {
    expect(
      all.flatMap(({ path, schema, value }) => validate(schema, value).map(fault => `${path}: ${fault}`)),
    ).toEqual([]);
  });

  test('of single fields are what their schemas say', () => {
    const faults = fieldsOf(document.components.schemas).flatMap(field =>
      (field.examples ?? []).flatMap(example => validate(field, example)),
    );
    expect(faults).toEqual([]);
  });
});

type Field = { properties?: Record<string, Field>; examples?: unknown[] };

function fieldsOf(schemas: Record<string, object>): Field[] {
  return Object.values(schemas as Record<string, Field>).flatMap(schema => [
    schema,
    ...fieldsOf(schema.properties ?? {}),
  ]);
}

describe('webhooks', () => {
  const seen = { transactionId: 'tx', payerWallet: 'TPayer', paidAt: 1_767_268_900_000 };
  const source = {
    currency: 'EUR',
    amount: { units: 4_574_900_000n, scale: 8 },
    rate: { units: 85n, scale: 2 },
    rateOrigin: '',
  };
  const posted = (
    type: EventType,
    invoice: ReturnType<typeof anInvoice>,
    auth: 'signature' | 'private-key',
  ) =>
    webhookRequest(
      {
        type,
        attempts: 0,
        data: JSON.stringify(eventData(type, invoice)),
        webhook_id: 'id',
        auth,
        private_key_header: true,
      } as Parameters<typeof webhookRequest>[0],
      { publicKey: 'public', privateKey: 'private', webhookSecret: 'whsec_c2VjcmV0' } as Parameters<
        typeof webhookRequest
      >[1],
      1_767_268_900_000,
    );

  test.each(
    eventTypes.flatMap(type => (['signature', 'private-key'] as const).map(auth => [type, auth] as const)),
  )('%s is posted as described, proved by %s', (type, auth) => {
    const operation = document.webhooks[type]!.post!;
    const { schema } = (operation.requestBody as { content: Content }).content['application/json']!;
    const parameters = operation.parameters.map(
      ({ $ref }) => document.components.parameters[$ref.split('/').at(-1)!]!,
    );
    for (const invoice of [
      anInvoice(),
      anInvoice({ compat: true, seen, source }),
      anInvoice({ method: null }),
    ]) {
      const { body, headers } = posted(type, invoice, auth);
      expect(validate(schema, JSON.parse(body))).toEqual([]);
      const sent = Object.keys(headers).filter(name => name !== 'content-type' && name !== 'user-agent');
      expect(parameters.map(({ name }) => name)).toEqual(expect.arrayContaining(sent));
      expect(sent).toEqual(
        expect.arrayContaining(parameters.filter(({ required }) => required).map(({ name }) => name)),
      );
      // The signature is over the fields in this order.
      const order = Object.keys(JSON.parse(body).data);
      const { data } = (
        document.components.schemas[(schema as { $ref: string }).$ref.split('/').at(-1)!] as {
          properties: { data: { properties: object } };
        }
      ).properties;
      expect(Object.keys(data.properties).filter(name => order.includes(name))).toEqual(order);
    }
  });
});
