/** What `dev` says when it is ready: one line for programs, a page for people. */
import { addressText } from '../chains/registry.ts';
import type { LocalChain } from '../dev/local-chain.ts';
import type { Network } from '../domain/asset.ts';
import type { DemoMerchant } from './demo-data.ts';

export type DevReport = {
  baseUrl: string;
  /** null once there is a person. */
  setUpUrl: string | null;
  merchants: readonly DemoMerchant[];
  chains: readonly LocalChain[];
  folder: string;
  /** Other commands find this folder by themselves. */
  isDefaultFolder: boolean;
};

/** The one line of --json. `address` is what people copy; a Tron token has its 20 bytes as `evm_address` beside it. */
export function readyLine({ baseUrl, setUpUrl, merchants, chains }: DevReport): unknown {
  return {
    ready: true,
    base_url: baseUrl,
    api_url: `${baseUrl}/api/v1`,
    set_up_url: setUpUrl,
    merchants,
    chains: chains.map(({ network, rpcUrl }) => ({
      network: network.code,
      rpc_url: rpcUrl,
      chain_id: network.chainId,
      native: network.native.asset,
      tokens: tokensOf(network),
    })),
  };
}

function tokensOf(network: Network) {
  return network.tokens.map(({ asset, contract, decimals }) =>
    network.family === 'tron'
      ? {
          cryptocurrency: asset,
          address: addressText(network, `41${contract.slice(2)}`),
          evm_address: contract,
          decimals,
        }
      : { cryptocurrency: asset, address: contract, decimals },
  );
}

export function welcome({
  baseUrl,
  setUpUrl,
  merchants,
  chains,
  folder,
  isDefaultFolder,
}: DevReport): string {
  const apiUrl = `${baseUrl}/api/v1`;
  const where = isDefaultFolder ? '' : ` --data-dir ${folder}`;
  const shop = merchants.find(({ auth }) => auth === 'private-key');
  return [
    '',
    `CryptoScan is ready at ${baseUrl}`,
    '',
    ...(setUpUrl ? [`Set up the dashboard: ${setUpUrl}`, ''] : []),
    ...merchants.flatMap(merchant => [
      `  ${merchant.name}, merchant ${merchant.id}`,
      `    public key   ${merchant.public_key}`,
      `    private key  ${merchant.private_key}`,
    ]),
    '',
    ...chains.map(({ network, rpcUrl }) => `  ${network.code.padEnd(7)} ${rpcUrl}  (local test chain)`),
    `  data    ${folder}`,
    '',
    'Create an invoice:',
    '',
    ...(shop ? createCall(apiUrl, shop) : []),
    '',
    'Pay it with test money (N is its id), and watch the demo shop being told:',
    '',
    `  npx cryptoscan pay N${where}`,
    '',
    'See what became of it:',
    '',
    ...(shop ? viewCall(apiUrl, shop) : []),
    '',
    'Letters (invitations, new passwords, notices) are shown here, and sent to nobody.',
    `The whole API, to read and to try: ${baseUrl}/docs`,
    'Ctrl-C stops everything. Where to go from here: README.md.',
    '',
  ].join('\n');
}

function createCall(apiUrl: string, { public_key, private_key }: DemoMerchant): string[] {
  return [
    `  curl ${apiUrl}/invoice -H 'Content-Type: application/json' \\`,
    `    -H 'public-key: ${public_key}' \\`,
    `    -H 'private-key: ${private_key}' \\`,
    `    -d '{"amount": "15.00", "client_reference_id": "order-1"}'`,
  ];
}

function viewCall(apiUrl: string, { public_key, private_key }: DemoMerchant): string[] {
  return [
    `  curl ${apiUrl}/invoice/N -H 'public-key: ${public_key}' \\`,
    `    -H 'private-key: ${private_key}'`,
  ];
}
