/** How providers lie and fail, in every way we know; told through lying-provider.ts. */
import type { Lie } from './lying-provider.ts';

/** A transaction that is nowhere. */
export const forged = `0x${'66'.repeat(32)}`;
export type Raw = Record<string, unknown>;

export const inLogs = (change: (logs: Raw[]) => unknown): Lie => ({
  answer: ({ method }, honest) => (method === 'eth_getLogs' ? { result: change(honest as Raw[]) } : null),
});
const inBlocks = (change: (block: Raw) => unknown): Lie => ({
  answer: ({ method }, honest) =>
    method === 'eth_getBlockByNumber' && honest ? { result: change(honest as Raw) } : null,
});
const status = (code: number, body: string): Lie => ({
  response: response => {
    response.statusCode = code;
    response.end(body);
    return true;
  },
});

/** What fails in the open: the provider is passed over. */
export const failures: [string, Lie][] = [
  ['resets the connection', { response: response => Boolean(response.destroy()) }],
  ['answers 429', status(429, '')],
  ['answers 500', status(500, 'oops')],
  ['answers 200 with HTML', status(200, '<html><body>maintenance</body></html>')],
  [
    'stops in the middle of its JSON',
    {
      response: (response, honest) => {
        response.end(honest.slice(0, honest.length / 2));
        return true;
      },
    },
  ],
  ['answers another question', { envelope: answer => ({ ...answer, id: 4711 }) }],
  [
    'has no block where its head has one',
    {
      answer: ({ method, params }) =>
        method === 'eth_getBlockByNumber' && params[0] !== 'latest' ? { result: null } : null,
    },
  ],
  ['shows logs that were taken back', inLogs(logs => logs.map(log => ({ ...log, removed: true })))],
  ['gives every block another hash', inBlocks(block => ({ ...block, hash: forged }))],
  [
    'answers with 100 MB',
    {
      response: response => {
        const piece = Buffer.alloc(1024 * 1024, 'a');
        let left = 100;
        const send = () => {
          while (left-- > 0) if (!response.write(piece)) return void response.once('drain', send);
          response.end();
        };
        send();
        return true;
      },
    },
  ],
];

/** What cannot be true: the provider is quarantined, for the reason beside it. */
export const lies: [string, Lie, string][] = [
  ['shows no log where its header speaks of one', inLogs(() => []), 'contradicts itself'],
  [
    'forges a log of a transaction that is not there',
    inLogs(logs => logs.flatMap(log => [log, { ...log, transactionHash: forged, logIndex: '0x9' }])),
    'contradicts itself',
  ],
  [
    'forges a log of another contract',
    inLogs(logs => logs.map(log => ({ ...log, address: `0x${'66'.repeat(20)}` }))),
    'contradicts itself',
  ],
  [
    'forges a log of another block',
    inLogs(logs => logs.map(log => ({ ...log, blockHash: forged }))),
    'contradicts itself',
  ],
  [
    'gives two logs one place',
    inLogs(logs => logs.flatMap(log => [log, { ...log, data: `0x${'7'.padStart(64, '0')}` }])),
    'contradicts itself',
  ],
  [
    'serves another chain',
    { answer: ({ method }) => (method === 'eth_chainId' ? { result: '0x38' } : null) },
    'serves another chain',
  ],
];
