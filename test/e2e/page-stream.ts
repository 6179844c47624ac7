/** A reader of a page's stream of events, as a browser's EventSource reads it. */
import { type IncomingMessage, request } from 'node:http';
import { host } from '../gateway.ts';

export type PageStream = {
  status: number;
  headers: IncomingMessage['headers'];
  /** All that came so far. */
  text: () => string;
  /** The ids of the events so far. */
  ids: () => string[];
  /** Whether the server has ended it. */
  isOver: () => boolean;
  /** Goes away without a word. */
  leave: () => void;
};

/** Resolves with the head of the answer; what follows comes in by itself. */
export function openStream(
  port: number,
  path: string,
  headers: Record<string, string> = {},
): Promise<PageStream> {
  return new Promise((resolve, reject) => {
    const asked = request({ host, port, path, headers, agent: false }, answer => {
      let text = '';
      let over = false;
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('close', () => {
        over = true;
      });
      answer.on('error', () => undefined);
      resolve({
        status: answer.statusCode ?? 0,
        headers: answer.headers,
        text: () => text,
        ids: () => Array.from(text.matchAll(/^id: (.*)\nevent: news\ndata: .+\n\n/gm), ([, id]) => id ?? ''),
        isOver: () => over,
        leave: () => asked.destroy(),
      });
    });
    asked.on('error', reject);
    asked.end();
  });
}
