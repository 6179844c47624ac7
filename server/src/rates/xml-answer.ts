/** XML answers. No table of rates needs a document type, and entities are how small answers become large ones. */
import { DOMParser, type Element, onErrorStopParsing } from '@xmldom/xmldom';
import { fail, ok, type Result } from '../lib/result.ts';

const ELEMENT = 1;

/** Characters; the largest table in use has a tenth of that. Reading XML takes a while, and requests wait meanwhile. */
const LARGEST = 128 * 1024;

/** The root element, which must have this name (with its prefix). */
export function readXmlAnswer(text: string, root: string): Result<Element> {
  if (text.length > LARGEST) return fail('it is larger than any table of rates');
  if (/<!(DOCTYPE|ENTITY)/i.test(text)) return fail('it has a document type');
  try {
    const document = new DOMParser({ onError: onErrorStopParsing }).parseFromString(text, 'text/xml');
    const element = document.documentElement;
    return element?.nodeName === root ? ok(element) : fail(`it is not a ${root}`);
  } catch {
    return fail('it is not well-formed XML');
  }
}

/** The child elements of that name. Only children: the tables are flat, and nesting is how a small answer takes long. */
export function childrenOf(parent: Element, name: string): Element[] {
  const children: Element[] = [];
  for (let node = parent.firstChild; node; node = node.nextSibling) {
    if (node.nodeType === ELEMENT && node.nodeName === name) children.push(node as Element);
  }
  return children;
}

/** The text of the only child element of that name; empty where there is none, or more than one. */
export function textIn(parent: Element, name: string): string {
  const found = childrenOf(parent, name);
  const text = found.length === 1 ? found[0]?.firstChild : null;
  return text && !text.nextSibling ? (text.nodeValue ?? '').trim() : '';
}
