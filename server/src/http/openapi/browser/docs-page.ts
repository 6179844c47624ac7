/** The script of /docs: starts Swagger UI, and signs what is tried there with the keys in the form. */
import { codeSamplesView, type React, type Sample } from './code-samples-view.ts';
import {
  type Auth,
  type Keys,
  type Outgoing,
  type Signing,
  signRequest,
  withoutSecret,
} from './sign-request.ts';

type Tried = Outgoing & { loadSpec?: boolean };

/** An immutable.js value. */
type Held = { getIn(path: string[]): Held | undefined; toJS(): unknown };

type SetRequest = (path: string, method: string, request: Tried) => unknown;

type System = {
  React: React;
  specSelectors: { specJson(): Held };
  specActions: { setMutatedRequest: SetRequest };
};

type Place = { path: string; method: string };

type Field = { value: string; focus(): void };

declare const document: {
  getElementById(id: string): Field;
  documentElement: { classList: { toggle(name: string, on: boolean): void } };
};
declare const location: { href: string; origin: string };
declare const matchMedia: (query: string) => {
  matches: boolean;
  addEventListener(type: 'change', listener: () => void): void;
};
declare const SwaggerUIBundle: { (options: object): unknown; presets: { apis: unknown } };

/** The address the code samples are written with, see ../code-samples.ts. */
const PLACEHOLDER = 'https://pay.example.com';

/** Where the installation is, without a slash at the end. */
const home = new URL('.', location.href).href.replace(/\/$/, '');

followColourScheme();
const signing = await loadSigning();
SwaggerUIBundle({
  url: `${home}/openapi.json`,
  domNode: document.getElementById('reference'),
  layout: 'BaseLayout',
  presets: [SwaggerUIBundle.presets.apis],
  plugins: [reference],
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  docExpansion: 'list',
  displayRequestDuration: true,
  validatorUrl: null,
  persistAuthorization: false,
  requestInterceptor: prove,
});

function followColourScheme(): void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
  dark.addEventListener('change', follow);
  follow();
}

async function loadSigning(): Promise<Signing> {
  const [query, sign] = await Promise.all([
    import(`${home}/docs/sdk/php-query.js`),
    import(`${home}/docs/sdk/sign.js`),
  ]);
  const sha256 = async (message: Uint8Array<ArrayBuffer>) =>
    new Uint8Array(await crypto.subtle.digest('SHA-256', message));
  return { ...query, ...sign, sha256 } as Signing;
}

/** The keys go to this installation and to nobody else, whatever address a request was given. */
async function prove(request: Tried): Promise<Tried> {
  if (request.loadSpec || new URL(request.url, location.href).origin !== location.origin) return request;
  const keys = readKeys();
  if (keys.auth !== 'private-key' && globalThis.crypto?.subtle === undefined)
    throw new Error('Browsers sign on https and localhost only: open this page there.');
  // Chance is there on insecure pages, too, unlike randomUUID.
  const nonce = signing.toHex(crypto.getRandomValues(new Uint8Array(16)));
  const moment = { time: Math.floor(Date.now() / 1000), nonce };
  const url = new URL(request.url, location.href).href;
  return signRequest({ ...request, url }, keys, signing, moment);
}

/** Read anew for each request, and kept nowhere else. */
function readKeys(): Keys {
  const [publicKey, privateKey, auth] = ['public-key', 'private-key', 'auth'].map(id =>
    document.getElementById(id).value.trim(),
  );
  return {
    publicKey: publicKey ?? '',
    privateKey: privateKey ?? '',
    auth: auth as Auth,
  };
}

/** What this page changes of Swagger UI: its own keys instead of the dialog, code samples, no secret on the screen. */
function reference({ React }: System) {
  const { createElement: h } = React;
  const nothing = () => () => null;
  const CodeSamples = codeSamplesView(React);
  return {
    wrapComponents: {
      authorizeBtn: nothing,
      authorizeOperationBtn: nothing,
      responses: (Responses: unknown, system: System) => (props: Place) => {
        const samples = samplesOf(system, props);
        return h('div', null, samples.length > 0 && h(CodeSamples, { samples }), h(Responses, props));
      },
    },
    statePlugins: {
      spec: {
        wrapActions: {
          // What is not sent for want of keys is shown as it would have been; Swagger UI shows nothing at all otherwise.
          setRequest:
            (set: SetRequest, { specActions }: System) =>
            (path, method, request) => {
              specActions.setMutatedRequest(path, method, request);
              return set(path, method, request);
            },
          setMutatedRequest: (set: SetRequest) => (path, method, request) =>
            set(path, method, withoutSecret(request)),
        } satisfies Record<string, (set: SetRequest, system: System) => SetRequest>,
      },
    },
  };
}

function samplesOf({ specSelectors }: System, { path, method }: Place): Sample[] {
  const found = specSelectors.specJson().getIn(['paths', path, method, 'x-codeSamples'])?.toJS();
  const samples = (found ?? []) as Sample[];
  return samples.map(({ label, source }) => ({ label, source: source.replaceAll(PLACEHOLDER, home) }));
}
