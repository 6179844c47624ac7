/** Which form an answer takes. */
import { describe, expect, test } from 'vitest';
import { negotiate } from './format.ts';

const said = (url: string, accept?: string) => {
  const { format, fault } = negotiate(url, accept);
  return fault ?? format;
};

describe('the Accept header', () => {
  test.each([
    [undefined, 'json'],
    ['', 'json'],
    ['*/*', 'json'],
    ['application/*', 'json'],
    ['application/json', 'json'],
    ['APPLICATION/JSON; charset=utf-8', 'json'],
    ['application/xml', 'xml'],
    ['Application/XML;charset=utf-8', 'xml'],
    ['text/xml', 'xml'],
    ['text/*', 'xml'],
    ['application/xml, */*', 'xml'],
    ['application/json, */*', 'json'],
    ['application/xml, application/json', 'xml'],
    ['application/json, application/xml', 'json'],
    ['application/xml;q=0.5, application/json;q=0.4', 'xml'],
    ['application/xml;q=0.5, application/json', 'json'],
    ['application/xml;q=0.5, */*', 'json'],
    ['application/json;q=0, */*', 'xml'],
    ['application/xml;q=0, */*', 'json'],
    ['application/json;q=0, application/xml;q=0', 'not_acceptable'],
    ['*/*;q=0', 'not_acceptable'],
    ['text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8', 'xml'],
    ['application/json, text/plain, */*', 'json'],
    ['text/html, image/gif, *; q=.2, */*; q=0.2', 'json'],
    ['text/html', 'not_acceptable'],
    ['image/*, text/plain', 'not_acceptable'],
    ['application/xml;q=7', 'not_acceptable'],
    ['nonsense', 'json'],
    [',;,', 'json'],
    [`${'a/b,'.repeat(10_000)}application/xml`, 'not_acceptable'],
  ])('%s: %s', (accept, expected) => {
    expect(said('/api/v1/user', accept)).toBe(expected);
  });
});

describe('_format', () => {
  test.each([
    ['?_format=xml', 'application/json', 'xml'],
    ['?_format=json', 'application/xml', 'json'],
    ['?_format=xml', 'text/html', 'xml'],
    ['?query=a&_format=xml', undefined, 'xml'],
    ['?%5Fformat=%78ml', undefined, 'xml'],
    ['?format=xml', undefined, 'json'],
    ['?_FORMAT=xml', undefined, 'json'],
    ['?query=%ff', undefined, 'json'],
    ['?_format=XML', undefined, 'unknown'],
    ['?_format=yaml', undefined, 'unknown'],
    ['?_format=', undefined, 'unknown'],
    ['?_format', undefined, 'unknown'],
    ['?_format=xml&_format=json', undefined, 'doubled'],
    ['?_format=xml&_format=xml', undefined, 'doubled'],
    ['?_format[]=xml', undefined, 'doubled'],
    ['?_format%5B%5D=xml', undefined, 'doubled'],
    ['?_format[a]=xml&_format=json', undefined, 'doubled'],
  ])('%s with Accept %s: %s', (query, accept, expected) => {
    expect(said(`/api/v1/user${query}`, accept)).toBe(expected);
  });

  test('that cannot be given leaves the form of the error to Accept', () => {
    expect(negotiate('/?_format=yaml', 'application/xml')).toEqual({ format: 'xml', fault: 'unknown' });
    expect(negotiate('/?_format[]=xml', undefined)).toEqual({ format: 'json', fault: 'doubled' });
  });
});
