/** From the schemas that validate to the JSON Schema (2020-12) that OpenAPI 3.1 publishes. */
import { z } from 'zod';

export type Json = string | number | boolean | null | Json[] | JsonObject;
export type JsonObject = { [name: string]: Json };

/**
 * The schemas of `components`, by name; one that holds another refers to it. `requests` names those of request bodies: a
 * field that may be null there may also be left out, for both mean the same to the API.
 */
export function componentSchemas(
  named: Record<string, z.ZodType>,
  requests: readonly string[],
): Record<string, JsonObject> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { ...PUBLISHING, uri: id => `#/components/schemas/${id}` });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, schema]) => {
      const published = cleaned(schema);
      return [id, requests.includes(id) ? withoutNeedless(published) : published];
    }),
  );
}

/** The query parameters of a request, from the schema of its query. */
export function queryParameters(schema: z.ZodType): JsonObject[] {
  const published = cleaned(z.toJSONSchema(schema, PUBLISHING));
  return Object.entries(propertiesOf(published)).map(([name, field]) => {
    const { description = '', type = 'string', examples, ...rules } = field;
    // A list of types is one type and null, and null is a parameter left out.
    const one = Array.isArray(type) ? (type[0] ?? 'string') : type;
    return {
      name,
      in: 'query',
      required: !mayBeNull(field),
      description,
      schema: { type: one, ...rules, ...(examples !== undefined && { examples }) },
      // Whoever tries a request finds it filled in; what may be left out is.
      ...(!mayBeNull(field) && Array.isArray(examples) && { example: examples[0] ?? null }),
    };
  });
}

const PUBLISHING = {
  target: 'draft-2020-12',
  io: 'input',
  // Nothing but a transformed field could come here, and its `meta` says what it takes.
  unrepresentable: 'any',
  reused: 'inline',
  override: ({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodType; jsonSchema: object }) => {
    const schema = jsonSchema as JsonObject;
    // Zod leaves out the examples of whatever is transformed, since they might be of what comes out; ours go in.
    const examples = z.globalRegistry.get(zodSchema)?.examples;
    if (examples) schema.examples = examples as Json;
    foldNull(schema);
    dropSafeBounds(schema);
  },
} as const satisfies z.core.ToJSONSchemaParams;

/** Through text, so that what is undefined goes away. */
function cleaned({
  $schema: _dialect,
  $id: _id,
  ...schema
}: object & { $schema?: unknown; $id?: unknown }): JsonObject {
  return JSON.parse(JSON.stringify(schema)) as JsonObject;
}

function withoutNeedless(schema: JsonObject): JsonObject {
  const properties = propertiesOf(schema);
  return { ...schema, required: (schema.required as string[]).filter(name => !mayBeNull(properties[name])) };
}

/** `anyOf` of a type and null reads better as a list of two types. */
function foldNull(schema: JsonObject): void {
  const [inner, nothing, ...more] = (schema.anyOf ?? []) as JsonObject[];
  if (!inner || nothing?.type !== 'null' || more.length > 0 || typeof inner.type !== 'string') return;
  const outer = { ...schema };
  delete schema.anyOf;
  Object.assign(schema, inner, outer, { type: [inner.type, 'null'] });
  delete schema.anyOf;
  if (Array.isArray(inner.enum)) schema.enum = [...inner.enum, null];
}

/** The bounds that every integer of JavaScript has say nothing of a field. */
function dropSafeBounds(schema: JsonObject): void {
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
}

function propertiesOf(schema: JsonObject): Record<string, JsonObject> {
  return schema.properties as Record<string, JsonObject>;
}

function mayBeNull(field: JsonObject | undefined): boolean {
  return Array.isArray(field?.type) && field.type.includes('null');
}
