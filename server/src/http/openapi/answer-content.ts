/** The body of an answer in both forms, with the same examples in each, written by the code that writes the answers. */
import type { Answer } from '../merchant-api/envelope.ts';
import { toXml } from '../merchant-api/xml.ts';
import { toJson } from '../wire.ts';
import type { Json, JsonObject } from './schemas.ts';

export function answerContent(
  schema: JsonObject,
  examples: Record<string, { summary: string; answer: Answer }>,
): JsonObject {
  const shown = (print: (body: Answer['body']) => Json): JsonObject =>
    Object.fromEntries(
      Object.entries(examples).map(([name, { summary, answer }]) => [
        name,
        { summary, value: print(answer.body) },
      ]),
    );
  return {
    'application/json': { schema, examples: shown(body => JSON.parse(toJson(body)) as Json) },
    'application/xml': { schema: XML, examples: shown(toXml) },
  };
}

/** OpenAPI has no way to say that lists are `item` elements and null an empty one, so the text itself is the example. */
const XML: JsonObject = {
  type: 'string',
  contentMediaType: 'application/xml',
  description:
    'The same fields as elements in `<response>`: the entries of a list are `<item>`, null is an empty element.',
};
