/** How a request is authenticated, as security schemes. */
import type { JsonObject } from './schemas.ts';

export const securitySchemes: JsonObject = {
  publicKey: {
    type: 'apiKey',
    in: 'header',
    name: 'public-key',
    description: 'Public key of the merchant; goes with every request.',
  },
  privateKey: {
    type: 'apiKey',
    in: 'header',
    name: 'private-key',
    description: 'Private key of the merchant: for a merchant set to authentication by private key.',
  },
  signature: {
    type: 'apiKey',
    in: 'header',
    name: 'signature',
    description:
      'For a merchant set to authentication by signature: hex HMAC-SHA256 with the private key over the fields of the body and `api_key` (the public key), sorted by name and encoded like PHP `http_build_query`. A request without a body signs `api_key` alone; the URL is not signed. A signed body must have one reading: no nested values, no booleans, no field twice, no number of more than 14 significant digits.',
  },
  signatureV2: {
    type: 'apiKey',
    in: 'header',
    name: 'signature-v2',
    description:
      'For a merchant who turned it on or demands it: `t=<unix seconds>,n=<nonce>,v1=<hex>`, the hex HMAC-SHA256 with the private key over the lines `v2`, method, path with query, t, n and the hex SHA-256 of the raw body. Good for five minutes either way, and a nonce once.',
  },
};

/** One of them, as the merchant is set; the others answer 401. */
export const security = [
  { publicKey: [], signature: [] },
  { publicKey: [], privateKey: [] },
  { publicKey: [], signatureV2: [] },
];
