/** Puts the OpenAPI 3.1 document together, once at start. */
import { dataAnswer } from '../merchant-api/envelope.ts';
import { toJson } from '../wire.ts';
import { answerContent } from './answer-content.ts';
import { codeSamples } from './code-samples.ts';
import { errorResponses, errorSchemas, errorsOf } from './errors.ts';
import type { Example } from './examples.ts';
import { type Operation, operations, type PathParameter, tags } from './operations.ts';
import { componentSchemas, type Json, type JsonObject, queryParameters } from './schemas.ts';
import { security, securitySchemes } from './security.ts';
import { eventSchemas, webhookParameters, webhookSection } from './webhooks.ts';

const BASE = '/api/v1';

const OVERVIEW = `Take payments in crypto on wallets of your own. Create an invoice, show the payer its exact amount and
wallet (or send the payer to the payment page), and be told by a webhook when it is paid.

**Authentication.** Every request carries the public key of the merchant in \`public-key\`, and a \`signature\` or the
\`private-key\`, by the merchant's setting. The code samples sign, but for curl, which sends the private key.

**Answers** are JSON or XML, by the header \`Accept\` or the parameter \`_format\`: \`success\`, and \`data\`.

**Amounts.** Send them as text: no decimal is lost, and a signed body has one spelling. Blank fields may be left out,
be null or empty.`;

export function openApiDocument(): JsonObject {
  return {
    openapi: '3.1.0',
    info: {
      title: 'CryptoScan API',
      version: '1.0.0',
      description: OVERVIEW,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: BASE, description: 'This installation' }],
    security,
    tags,
    paths: paths(),
    webhooks: webhookSection(),
    components: {
      securitySchemes,
      parameters: { ...sharedParameters, ...webhookParameters },
      responses: errorResponses(),
      schemas: schemas(),
    },
  };
}

function schemas(): JsonObject {
  const bodies = operations.flatMap(({ body }) => (body ? [body] : []));
  const answers = operations.map(({ answer }) => answer);
  const named = Object.fromEntries([...bodies, ...answers].map(({ name, schema }) => [name, schema]));
  return componentSchemas(
    { ...named, ...eventSchemas, ...errorSchemas },
    bodies.map(({ name }) => name),
  );
}

const sharedParameters: Record<string, JsonObject> = {
  format: {
    name: '_format',
    in: 'query',
    required: false,
    description: 'Form of the answer; wins over the header `Accept`.',
    schema: { type: 'string', enum: ['json', 'xml'] },
  },
  idempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    description:
      'A name of your own for this request. The same body again with the same name gets the first answer again, for 24 hours; another body gets 409. Refusals are kept like any other answer (but 401, 429 and 5xx): repeat a request under its name where no answer came, and give a new try after an answer a new name.',
    schema: { type: 'string', minLength: 1, maxLength: 255 },
  },
};

function paths(): JsonObject {
  const items: Record<string, JsonObject> = {};
  for (const operation of operations)
    items[operation.path] = { ...items[operation.path], [operation.method]: operationOf(operation) };
  return items;
}

function operationOf(operation: Operation): JsonObject {
  const { operationId, tag, summary, description, inPath, query, body, answer, errors } = operation;
  return {
    operationId,
    tags: [tag],
    summary,
    description,
    parameters: [
      ...(inPath ? [pathParameter(inPath)] : []),
      ...(query ? queryParameters(query) : []),
      { $ref: '#/components/parameters/format' },
      ...(body ? [{ $ref: '#/components/parameters/idempotencyKey' }] : []),
    ],
    ...(body && { requestBody: requestBody(body.name, body.examples) }),
    responses: { 200: success(answer.name, answer.examples), ...errorsOf(errors) },
    'x-codeSamples': codeSamples({
      method: operation.method.toUpperCase(),
      path: filledPath(operation),
      body: body ? (plain(body.examples[0]) as Record<string, string>) : null,
      sdkCall: operation.sdkCall,
    }),
  };
}

function pathParameter({ name, description, type, example }: PathParameter): JsonObject {
  const rule: JsonObject = type === 'integer' ? { minimum: 1 } : {};
  return { name, in: 'path', required: true, description, schema: { type, ...rule }, example };
}

function filledPath({ path, inPath, query }: Operation): string {
  const filled = inPath ? path.replace(`{${inPath.name}}`, String(inPath.example)) : path;
  return `${BASE}${filled}${query ? '?query=order-1042' : ''}`;
}

function requestBody(name: string, examples: Example[]): JsonObject {
  const content = {
    schema: { $ref: `#/components/schemas/${name}` },
    examples: Object.fromEntries(
      examples.map((example, at) => [exampleName(at), { summary: example.summary, value: plain(example) }]),
    ),
  };
  return {
    required: true,
    content: { 'application/json': content, 'application/x-www-form-urlencoded': content },
  };
}

function success(name: string, examples: Example[]): JsonObject {
  const schema = {
    type: 'object',
    required: ['success', 'data'],
    properties: { success: { const: true }, data: { $ref: `#/components/schemas/${name}` } },
  };
  const shown = examples.map(({ summary, value }, at) => [
    exampleName(at),
    { summary, answer: dataAnswer(value) },
  ]);
  return { description: 'Done.', content: answerContent(schema, Object.fromEntries(shown)) };
}

const exampleName = (at: number) => `example${at + 1}`;

function plain(example: Example | undefined): Json {
  return JSON.parse(toJson(example?.value ?? null)) as Json;
}
