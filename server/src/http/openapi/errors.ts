/** The error answers of the merchant API: their schemas, and the responses that the operations refer to. */
import { z } from 'zod';
import { type Answer, errorAnswer, invalidAnswer } from '../merchant-api/envelope.ts';
import { answerContent } from './answer-content.ts';
import type { JsonObject } from './schemas.ts';

export const errorSchemas: Record<string, z.ZodType> = {
  InvalidRequest: z.object({
    success: z.literal(false),
    data: z.object({
      message: z.string().meta({ description: 'May be left out.' }).optional(),
      errors: z.record(z.string(), z.array(z.string()).min(1)).meta({
        description:
          'What is wrong, in sentences, by the name of the field; `body` stands for the whole body.',
      }),
    }),
  }),
  Error: z.object({
    success: z.literal(false),
    data: z.object({
      name: z.string().meta({ description: 'The HTTP status in words.', examples: ['Unauthorized'] }),
      message: z.string().meta({ description: 'A sentence about it.' }),
      code: z.int().meta({ description: 'Always 0.', examples: [0] }),
      status: z
        .int()
        .min(400)
        .max(599)
        .meta({ description: 'The HTTP status.', examples: [401] }),
    }),
  }),
};

type ErrorResponse = {
  name: string;
  description: string;
  examples: Record<string, { summary: string; answer: Answer }>;
  retryAfter?: 'always' | 'sometimes';
};

const one = (summary: string, answer: Answer) => ({ example: { summary, answer } });

/** By HTTP status; `default` is any other. */
const responses: Record<string, ErrorResponse> = {
  400: {
    name: 'InvalidRequest',
    description: 'Something in the request is not as it must be. Nothing was done.',
    examples: {
      blank: {
        summary: 'Fields left out',
        answer: invalidAnswer({
          amount: ['Amount cannot be blank.'],
          client_reference_id: ['Client Reference Id cannot be blank.'],
        }),
      },
      taken: {
        summary: 'The reference is taken',
        answer: invalidAnswer({
          client_reference_id: ['Client Reference Id "order-1042" has already been taken.'],
        }),
      },
    },
  },
  401: {
    name: 'Unauthorized',
    description: 'Unknown key, wrong key and wrong signature look alike.',
    examples: one('Not authenticated', errorAnswer(401, 'Your request was made with invalid credentials')),
  },
  404: {
    name: 'NotFound',
    description: 'There is no such thing, or it is not yours.',
    examples: one('No such invoice', errorAnswer(404, 'Invoice not found.')),
  },
  406: {
    name: 'NotAcceptable',
    description: 'Neither JSON nor XML was asked for.',
    examples: one('An unknown format', errorAnswer(406, 'The requested response format is not supported.')),
  },
  409: {
    name: 'Conflict',
    description:
      'The request is right, but not possible as things stand: see `message`. A request whose twin with the same `Idempotency-Key` is still being worked on gets `Retry-After`.',
    examples: one(
      'The transaction is taken',
      errorAnswer(409, 'This transaction is the payment of another invoice.'),
    ),
    retryAfter: 'sometimes',
  },
  413: {
    name: 'TooLarge',
    description: 'The body is larger than 64 KiB.',
    examples: one('Too large', errorAnswer(413, 'The request body is too large.')),
  },
  415: {
    name: 'UnsupportedMediaType',
    description: 'The body is neither JSON nor a form.',
    examples: one(
      'Neither JSON nor a form',
      errorAnswer(415, 'The content type must be application/json or application/x-www-form-urlencoded.'),
    ),
  },
  429: {
    name: 'TooManyRequests',
    description: 'Too many requests: wait as long as `Retry-After` says.',
    examples: one('Too many', errorAnswer(429, 'Rate limit exceeded.')),
    retryAfter: 'always',
  },
  500: {
    name: 'InternalError',
    description: 'A fault of the server.',
    examples: one('A fault', errorAnswer(500, 'An internal server error occurred.')),
  },
  503: {
    name: 'Unavailable',
    description: 'The server or a blockchain network it needs is not available at the moment.',
    examples: one(
      'Not available',
      errorAnswer(503, 'The service is not available at the moment. Try again.'),
    ),
    retryAfter: 'sometimes',
  },
  default: {
    name: 'OtherError',
    description: 'Any other error.',
    examples: {
      notFound: { summary: 'No such path', answer: errorAnswer(404, 'Page not found.') },
      method: {
        summary: 'Another method than the path has',
        answer: errorAnswer(405, 'Method Not Allowed. This URL can only handle: POST.'),
      },
    },
  },
};

/** Every operation may answer these. */
const EVERYWHERE = ['400', '401', '406', '429', '500', '503', 'default'];

/** `components.responses`. */
export function errorResponses(): Record<string, JsonObject> {
  return Object.fromEntries(
    Object.values(responses).map(({ name, description, examples, retryAfter }) => [
      name,
      {
        description,
        ...(retryAfter && { headers: { 'Retry-After': retryHeader(retryAfter) } }),
        content: answerContent(
          { $ref: `#/components/schemas/${name === 'InvalidRequest' ? 'InvalidRequest' : 'Error'}` },
          examples,
        ),
      },
    ]),
  );
}

function retryHeader(when: 'always' | 'sometimes'): JsonObject {
  return {
    description: 'Seconds to wait before the next try.',
    required: when === 'always',
    schema: { type: 'integer', minimum: 0, examples: [5] },
  };
}

/** The error responses of one operation, given its own statuses. */
export function errorsOf(own: readonly number[]): JsonObject {
  const statuses = [...EVERYWHERE, ...own.map(String)].sort();
  return Object.fromEntries(
    statuses.map(status => [status, { $ref: `#/components/responses/${responses[status]?.name}` }]),
  );
}
