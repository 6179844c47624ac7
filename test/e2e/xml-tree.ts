/** XML answers read back by a parser that knows nothing of how they were written, beside what JSON says. */
import { DOMParser, type Element } from '@xmldom/xmldom';

/** An element as the names and trees of what is in it; an empty one, and a text, is the text. */
export type Tree = string | [name: string, tree: Tree][];

/** Throws unless the text is well-formed and its root is `response`. */
export function xmlTree(xml: string): Tree {
  const onError = (level: string, message: string) => {
    // A warning is given for each U+FFFD, which may be in a text.
    if (level !== 'warning') throw new Error(message);
  };
  const root = new DOMParser({ onError }).parseFromString(xml, 'text/xml').documentElement;
  if (root?.tagName !== 'response') throw new Error(`the root is not response: ${xml}`);
  return treeOf(root);
}

function treeOf(element: Element): Tree {
  const children = [...element.childNodes].filter(node => node.nodeType === 1) as Element[];
  if (children.length === 0) return element.textContent ?? '';
  return children.map(child => [child.tagName, treeOf(child)]);
}

/** The tree that a JSON text must have as XML. Numbers keep their text, so `6.50` is not `6.5`. */
export function treeOfJson(json: string): Tree {
  const numbers: string[] = [];
  const marked = json.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?/g, found => {
    if (found.startsWith('"')) return found;
    return JSON.stringify(`\uE000${numbers.push(found) - 1}`);
  });
  const tree = (value: unknown): Tree => {
    if (value === null) return '';
    if (typeof value === 'string' && value.startsWith('\uE000')) return numbers[Number(value.slice(1))]!;
    if (typeof value !== 'object') return String(value);
    const fields: [string, Tree][] = Array.isArray(value)
      ? value.map(item => ['item', tree(item)])
      : Object.entries(value).map(([name, field]) => [name, tree(field)]);
    return fields.length === 0 ? '' : fields;
  };
  return tree(JSON.parse(marked));
}
