/** The messages of PostgreSQL's protocol 3.0, as far as one must know them to tell statements and ends of answers. */

/** What is left of one direction of a conversation. `isStartUp`: its first message is still to come, which has no kind. */
export type Spoken = { rest: Buffer; isStartUp: boolean };
type Message = { kind: string; bytes: Buffer };

const LENGTH = 4;

/** The whole messages that have come by now; the beginning of another stays in `spoken`. */
export function readMessages(spoken: Spoken, chunk: Buffer): Message[] {
  let rest = spoken.rest.length === 0 ? chunk : Buffer.concat([spoken.rest, chunk]);
  const messages: Message[] = [];
  for (;;) {
    const head = spoken.isStartUp ? 0 : 1;
    if (rest.length < head + LENGTH) break;
    const size = head + rest.readInt32BE(head);
    if (rest.length < size) break;
    const kind = head === 0 ? '' : String.fromCharCode(rest[0] ?? 0);
    messages.push({ kind, bytes: rest.subarray(0, size) });
    rest = rest.subarray(size);
    spoken.isStartUp = false;
  }
  spoken.rest = rest;
  return messages;
}

/** The SQL of a Query or a Parse message; null of any other. */
export function textOf(kind: string, bytes: Buffer): string | null {
  const start = 1 + LENGTH;
  if (kind === 'Q') return upToNul(bytes, start);
  return kind === 'P' ? upToNul(bytes, bytes.indexOf(0, start) + 1) : null;
}

const upToNul = (bytes: Buffer, from: number) => bytes.toString('utf8', from, bytes.indexOf(0, from));
