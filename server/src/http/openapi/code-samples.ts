/**
 * Code for each operation, made from its method, path and first example. In the shell and in PHP, Node.js and Python, with
 * nothing to install but the published client for Node.js. Signed, but for the shell, which sends the private key.
 */
import type { JsonObject } from './schemas.ts';

/** Stands for the installation; browser/docs-page.ts puts the address it is at in its place. */
const PLACEHOLDER = 'https://pay.example.com';

export type Call = {
  method: string;
  /** From `/api/v1` on, filled in. */
  path: string;
  /** Texts only, so that there is one way to sign it. */
  body: Record<string, string> | null;
  sdkCall: string;
};

export function codeSamples(call: Call): JsonObject[] {
  return [
    { lang: 'Shell', label: 'curl', source: curl(call) },
    { lang: 'PHP', label: 'PHP', source: php(call) },
    { lang: 'JavaScript', label: 'Node.js', source: node(call) },
    { lang: 'Python', label: 'Python', source: python(call) },
  ];
}

function curl({ method, path, body }: Call): string {
  return [
    `curl -X ${method} '${PLACEHOLDER}${path}'`,
    '-H "public-key: $PUBLIC_KEY"',
    '-H "private-key: $PRIVATE_KEY"',
    ...(body ? ["-H 'content-type: application/json'", `-d '${JSON.stringify(body)}'`] : []),
  ].join(' \\\n  ');
}

function php({ method, path, body }: Call): string {
  const fields = Object.entries(body ?? {}).map(([name, value]) => `'${name}' => '${value}'`);
  return `<?php
$publicKey = getenv('PUBLIC_KEY');
$privateKey = getenv('PRIVATE_KEY');
$body = [${fields.join(', ')}];

$signed = ['api_key' => $publicKey] + $body;
ksort($signed);
$signature = hash_hmac('sha256', http_build_query($signed), $privateKey);

$answer = file_get_contents('${PLACEHOLDER}${path}', false, stream_context_create(['http' => [
    'method' => '${method}',
    'header' => ['Content-Type: application/json', "public-key: $publicKey", "signature: $signature"],
    'content' => json_encode($body),
    'ignore_errors' => true,
]]));
print_r(json_decode($answer, true)['data']);`;
}

function node({ sdkCall }: Call): string {
  return `import { env } from 'node:process';
import { CryptoScan } from '@cryptoscan/sdk';

const gateway = new CryptoScan({
  baseUrl: '${PLACEHOLDER}',
  publicKey: env.PUBLIC_KEY,
  privateKey: env.PRIVATE_KEY,
});

console.log(await gateway.${sdkCall});`;
}

function python({ method, path, body }: Call): string {
  const fields = Object.entries(body ?? {}).map(([name, value]) => `'${name}': '${value}'`);
  return `import hashlib, hmac, json, os
from urllib.parse import urlencode
from urllib.request import Request, urlopen

public_key = os.environ['PUBLIC_KEY']
private_key = os.environ['PRIVATE_KEY']
body = {${fields.join(', ')}}

query = urlencode(sorted({**body, 'api_key': public_key}.items())).replace('~', '%7E')
signature = hmac.new(private_key.encode(), query.encode(), hashlib.sha256).hexdigest()

request = Request('${PLACEHOLDER}${path}', method='${method}', data=${body ? 'json.dumps(body).encode()' : 'None'}, headers={
    'Content-Type': 'application/json', 'public-key': public_key, 'signature': signature})
print(json.load(urlopen(request))['data'])`;
}
