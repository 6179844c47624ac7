/** JSON texts as the names, kinds and spellings of what is in them: `85.00`, `85` and `"85"` are three different things. */

/** `list` and `object` are empty ones; of others the leaves tell. */
export type Kind = 'integer' | 'decimal' | 'string' | 'boolean' | 'null' | 'list' | 'object';
/** A value at its path, such as `data.0.id`. `text` is a number's own spelling. */
type Leaf = { kind: Kind; text: string };
export type Leaves = Map<string, Leaf>;

/** A number as it was written. */
export class Spelled {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const MARK = '\uE000';

/** The value of a JSON text, with every number as it was written. */
export function readSpelled(json: string): unknown {
  const marked = json.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, found =>
    found.startsWith('"') ? found : JSON.stringify(MARK + found),
  );
  return JSON.parse(marked, (_, value: unknown) =>
    typeof value === 'string' && value.startsWith(MARK) ? new Spelled(value.slice(1)) : value,
  );
}

export function leavesOf(value: unknown, path = ''): Leaves {
  if (value instanceof Spelled)
    return new Map([[path, { kind: /^-?\d+$/.test(value.text) ? 'integer' : 'decimal', text: value.text }]]);
  if (typeof value === 'string') return new Map([[path, { kind: 'string', text: value }]]);
  if (typeof value === 'boolean') return new Map([[path, { kind: 'boolean', text: String(value) }]]);
  if (typeof value !== 'object' || value === null) return new Map([[path, { kind: 'null', text: '' }]]);
  const entries = Object.entries(value);
  if (entries.length === 0)
    return new Map([[path, { kind: Array.isArray(value) ? 'list' : 'object', text: '' }]]);
  return new Map(
    entries.flatMap(([name, one]) => [...leavesOf(one, path === '' ? name : `${path}.${name}`)]),
  );
}

/** Names and kinds alone, in the order of the names: two answers of one shape have one picture. */
export function pictureOf(leaves: Leaves): Record<string, Kind> {
  return Object.fromEntries([...leaves].map(([path, { kind }]) => [path, kind] as const).sort());
}
