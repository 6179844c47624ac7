/** Judges values by the schemas of an OpenAPI document, with an implementation of JSON Schema that did not make them. */
import { Ajv2020 } from 'ajv/dist/2020.js';

type Operation = {
  parameters: { $ref: string }[];
  requestBody?: object;
  responses: Record<string, object>;
  'x-codeSamples'?: { label: string; source: string }[];
};

export type Document = {
  paths: Record<string, Record<string, Operation>>;
  webhooks: Record<string, Record<string, Operation>>;
  components: {
    schemas: Record<string, object>;
    responses: Record<string, object>;
    parameters: Record<string, { name: string; required: boolean }>;
  };
};

/** Answers the faults of a value. A field that the schema does not name is one, though clients must bear with it. */
export function validator(document: Document): (schema: object, value: unknown) => string[] {
  const ajv = new Ajv2020({ strict: false, allErrors: true, formats: { uri: text => URL.canParse(text) } });
  ajv.addSchema({ ...(closed(document) as object), $id: 'openapi.json' });
  return (schema, value) => {
    const validate = ajv.compile(absolute(closed(schema)) as object);
    if (validate(value)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  };
}

/** The same with every object of named fields closed to others. */
function closed(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(closed);
  const inner = Object.fromEntries(Object.entries(value).map(([name, field]) => [name, closed(field)]));
  return 'properties' in value && 'type' in value ? { additionalProperties: false, ...inner } : inner;
}

/** The same with references that are told from outside the document. */
function absolute(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(absolute);
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      name === '$ref' ? `openapi.json${field}` : absolute(field),
    ]),
  );
}
