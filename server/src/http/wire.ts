/** Values on their way out. A decimal is printed from its own text, never through a float. */

/** A JSON number given as its exact text. */
export class ExactNumber {
  readonly text: string;
  constructor(text: string) {
    if (!/^-?\d+(\.\d+)?$/.test(text)) throw new Error('not the text of a number');
    this.text = text;
  }
}

export type WireValue =
  | string
  | number
  | boolean
  | null
  | ExactNumber
  | readonly WireValue[]
  | { readonly [field: string]: WireValue };

/** JSON text with fields in the order written. */
export function toJson(value: WireValue): string {
  if (value instanceof ExactNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(toJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value as Record<string, WireValue>);
    return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${toJson(field)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}
