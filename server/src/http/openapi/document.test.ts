/** The description against the routes that are there, and its examples in XML against those in JSON. */
import { DOMParser, type Element, type Node } from '@xmldom/xmldom';
import fastify, { type RouteOptions } from 'fastify';
import { describe, expect, test } from 'vitest';
import { type MerchantApiDeps, merchantApi } from '../merchant-api/plugin.ts';
import { openApiDocument } from './document.ts';
import { operations } from './operations.ts';

type Content = Record<string, { examples: Record<string, { value: unknown }> }>;
type Answers = Record<string, { content: Content }>;

const document = openApiDocument() as unknown as {
  paths: Record<string, Record<string, { responses: Answers; 'x-codeSamples': { source: string }[] }>>;
  components: { responses: Answers };
};

/** Each `METHOD /path` of the merchant API; what only refuses the other methods of a path is no route of it. */
async function routes(): Promise<{ own: string[]; refused: string[] }> {
  const seen: RouteOptions[] = [];
  const app = fastify();
  app.addHook('onRoute', route => {
    seen.push(route);
  });
  // Nothing of it is used before a request comes.
  await app.register(merchantApi, { limits: null } as MerchantApiDeps);
  await app.ready();
  await app.close();
  const path = (url: string) => url.replace(/:(\w+)/g, '{$1}');
  return {
    own: seen
      .filter(({ method }) => typeof method === 'string' && method !== 'HEAD')
      .map(({ method, url }) => `${method} ${path(url)}`),
    refused: seen.filter(({ method }) => Array.isArray(method)).map(({ url }) => path(url)),
  };
}

describe('the paths', () => {
  test('are the routes of the merchant API, and no others', async () => {
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map(method => `${method.toUpperCase()} ${path}`),
    );
    const { own, refused } = await routes();
    expect(own.length).toBeGreaterThan(3);
    expect(described.sort()).toEqual(own.sort());
    expect(Object.keys(document.paths).sort()).toEqual(refused.sort());
  });

  test('have a name each', () => {
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  });
});

/** Every leaf with the names on the way to it; entries of lists are `item`. */
function leavesOfJson(value: unknown, path = '/response'): string[] {
  if (Array.isArray(value)) return value.flatMap(entry => leavesOfJson(entry, `${path}/item`));
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([name, field]) => leavesOfJson(field, `${path}/${name}`));
  return [`${path} ${value === null ? '' : String(value)}`];
}

function leavesOfXml(node: Node, path = ''): string[] {
  const here = `${path}/${node.nodeName}`;
  const elements = Array.from(node.childNodes).filter(child => child.nodeType === 1) as Element[];
  if (elements.length > 0) return elements.flatMap(element => leavesOfXml(element, here));
  return [`${here} ${node.textContent ?? ''}`];
}

describe('the examples of answers', () => {
  const answers = [
    ...Object.values(document.paths).flatMap(methods =>
      Object.values(methods).flatMap(({ responses }) => Object.values(responses)),
    ),
    ...Object.values(document.components.responses),
  ].flatMap(({ content }) => (content ? [content] : []));
  const pairs = answers.flatMap(content =>
    Object.entries(content['application/json']?.examples ?? {}).map(([name, { value }]) => ({
      json: value,
      xml: content['application/xml']?.examples[name]?.value,
    })),
  );

  test('are the same in XML', () => {
    expect(pairs.length).toBeGreaterThan(20);
    for (const { json, xml } of pairs) {
      const root = new DOMParser().parseFromString(String(xml), 'application/xml').documentElement!;
      // A balance is printed as 85.00, which JSON reads as 85; an empty list is an empty element.
      const trimmed = leavesOfXml(root).map(leaf => leaf.replace(/^(\S*balance \d+)\.00$/, '$1'));
      const leaves = leavesOfJson(json);
      expect(trimmed).toEqual(
        (json as { data: unknown[] }).data.length === 0 ? [...leaves, '/response/data '] : leaves,
      );
    }
  });
});
