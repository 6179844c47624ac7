/** What the dashboard hands out to be pasted into a shell says what was sent, and nothing of it is run. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { curlOf } from '../dashboard/src/pages/webhooks/curl.ts';

const hostile = `'; touch /tmp/x; echo '$(id) \`id\` "\\\n!`;

/** The arguments that curl would get. */
function argumentsOf(command: string): string[] {
  const script = `curl() { for one in "$@"; do printf '%s\\0' "$one"; done; }\n${command}`;
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

test('a copied request reaches curl as it was sent, without what is secret', () => {
  const request = {
    at: 1,
    ms: 1,
    url: `https://shop.example/?a='b'`,
    retry_count: 0,
    request_headers: [
      ['webhook-id', 'msg_1'],
      ['private-key', '(hidden)'],
    ] as [string, string][],
    request_body: hostile,
    status: 200,
    headers: [],
    body: '',
    error: null,
  };
  expect(argumentsOf(curlOf(request))).toEqual([
    '-i',
    '-X',
    'POST',
    `https://shop.example/?a='b'`,
    '-H',
    'webhook-id: msg_1',
    '--data-raw',
    hostile,
  ]);
});
