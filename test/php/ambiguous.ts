/**
 * What a signed body must not hold, said a second time and from the text alone, as a check on the server's own rule: the
 * legacy signature of such a body would be the signature of another one as well.
 */

/** `list`: the whole body is a list that is not empty. */
export type Doubt = 'list' | 'name' | 'api_key' | 'double' | 'nested' | 'boolean' | 'digits';

const tokens = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|[{}[\],:]/gs;

/** Of a JSON text that is well-formed, and an object or an array. */
export function doubtsOf(json: string): Set<Doubt> {
  const text = json.trim();
  if (text.startsWith('[')) return new Set(/^\[\s*\]$/.test(text) ? [] : (['list'] as const));
  const doubts = new Set<Doubt>();
  const names = new Set<string>();
  let depth = 0;
  let isName = true;
  for (const [token] of text.matchAll(tokens)) {
    if (token === '{' || token === '[') {
      if (depth++ === 1) doubts.add('nested');
    } else if (token === '}' || token === ']') depth--;
    else if (depth === 1) {
      if (token === ',' || token === ':') isName = token === ',';
      else for (const doubt of isName ? doubtsOfName(token, names) : doubtsOfValue(token)) doubts.add(doubt);
    }
  }
  return doubts;
}

function doubtsOfName(token: string, names: Set<string>): Doubt[] {
  const name: string = JSON.parse(token);
  const isDouble = names.has(name);
  names.add(name);
  return [
    ...(isDouble ? (['double'] as const) : []),
    ...(name === 'api_key' ? (['api_key'] as const) : []),
    ...(['[', ']', '.'].some(mark => name.includes(mark)) ? (['name'] as const) : []),
  ];
}

function doubtsOfValue(token: string): Doubt[] {
  if (token.startsWith('"')) return [];
  if (token === 'true' || token === 'false') return ['boolean'];
  const [mantissa = ''] = token.toLowerCase().split('e');
  const significant = mantissa.replaceAll(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '');
  return significant.length > 14 ? ['digits'] : [];
}
