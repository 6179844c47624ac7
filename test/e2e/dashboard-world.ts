/** A server with its dashboard API, browsers that keep cookies as a person's does, and people to sign in. */
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { acceptPart } from '../../server/src/commands/accept-part.ts';
import { issueSetUpToken } from '../../server/src/commands/claim-set-up.ts';
import { createByHand } from '../../server/src/commands/create-by-hand.ts';
import { createPerson } from '../../server/src/commands/create-person.ts';
import type { PeopleDeps } from '../../server/src/commands/people-deps.ts';
import { TailMemory } from '../../server/src/commands/tail-memory.ts';
import { topUp } from '../../server/src/commands/top-up.ts';
import type { Role } from '../../server/src/domain/role.ts';
import type { HttpDeps } from '../../server/src/http/server.ts';
import type { Clock } from '../../server/src/lib/clock.ts';
import { transact } from '../../server/src/store/db.ts';
import { insertMembership } from '../../server/src/store/memberships.ts';
import { type Ground, host, networks } from '../gateway.ts';
import { openApi } from './api-server.ts';

export const origin = 'https://pay.example';
export const password = 'a long and quiet river';

// biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects to be there.
export type Answer = { status: number; body: any; headers: Headers; text: string };

/** Keeps cookies and says where it is from, as a browser does. */
export class Browser {
  readonly cookies = new Map<string, string>();
  readonly #url: string;
  readonly #origin: string;
  constructor(port: number, from = origin) {
    this.#url = `http://${host}:${port}/dashboard/api`;
    this.#origin = from;
  }

  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        origin: this.#origin,
        ...(this.cookies.size > 0 && { cookie: [...this.cookies].map(pair => pair.join('=')).join('; ') }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    const text = await response.text();
    return {
      status: response.status,
      body: isJson(response.headers) ? JSON.parse(text) : null,
      headers: response.headers,
      text,
    };
  }

  get = (path: string) => this.ask('GET', path);
  post = (path: string, body: unknown = {}) => this.ask('POST', path, body);

  #keep(line: string): void {
    const [pair = ''] = line.split(';');
    const cut = pair.indexOf('=');
    if (/Expires=Thu, 01 Jan 1970|Max-Age=0/i.test(line)) this.cookies.delete(pair.slice(0, cut));
    else this.cookies.set(pair.slice(0, cut), pair.slice(cut + 1));
  }
}

const isJson = (headers: Headers) => /^application\/json/.test(headers.get('content-type') ?? '');

export type Dashboard = {
  deps: PeopleDeps;
  port: number;
  browser(): Browser;
  /** Moves this server's clock ahead, in ms. */
  pass(ms: number): void;
  stop(): Promise<void>;
};

export async function openDashboard(
  ground: Ground,
  { registration = 'invitation', mail = false, post = nobody, exports = {}, ...parts }: Options = {},
): Promise<Dashboard> {
  let ahead = 0;
  const clock: Clock = { now: () => ground.clock.now() + ahead };
  const deps = { db: ground.db, vault: ground.vault, clock, randomBytes };
  const api = await openApi(ground, {
    clock,
    people: peopleParts(ground, { registration, mail, clock, post, exports }),
    ...parts,
  });
  return {
    deps,
    port: api.port,
    browser: () => new Browser(api.port),
    pass: ms => {
      ahead += ms;
    },
    stop: () => api.stop(),
  };
}

/** Further wallets wait for a day, as in production. */
function peopleParts(
  { db, vault }: Ground,
  {
    registration,
    mail,
    clock,
    post,
    exports,
  }: Pick<Required<Options>, 'registration' | 'mail' | 'post' | 'exports'> & { clock: Clock },
): NonNullable<HttpDeps['people']> {
  const random = (n: number) => randomInt(n);
  const deps = { db, vault, clock, networks, memory: new TailMemory(), random, pageId: randomUUID };
  return {
    registration,
    mail,
    randomBytes,
    allow: [],
    hold: { length: 24 * 3_600_000 },
    topUp: asked => topUp(deps, asked),
    createByHand: (command, acting) => createByHand({ ...deps, acting }, command),
    acceptPart: command => acceptPart({ ...deps, webhookId: () => randomUUID() }, command),
    post,
    exports,
  };
}

/** Nobody listens, unless a test says who does. */
const nobody: Post = async () => ({
  kind: 'error',
  class: 'connect',
  message: 'The server refused the connection.',
});

type People = NonNullable<HttpDeps['people']>;
type Post = People['post'];
type Options = Partial<HttpDeps> & {
  post?: Post;
  exports?: NonNullable<People['exports']>;
  registration?: 'open' | 'invitation' | 'off';
  mail?: boolean;
};

let people = 0;

/** Somebody nobody has met, as the owner of an account of their own. */
export async function somebody(deps: PeopleDeps, { isOperator = false } = {}) {
  const email = `person${++people}@example.com`;
  const made = await createPerson(deps, {
    email,
    name: `Person ${people}`,
    password,
    language: 'en',
    isOperator,
    userId: null,
  });
  if (!made.ok) throw new Error(JSON.stringify(made.fault));
  return { email, personId: made.value.id, userId: made.value.userId };
}

/** Somebody nobody has met, in this role for an account beside their own. */
export async function member(deps: PeopleDeps, userId: number, role: Role) {
  const person = await somebody(deps);
  const { personId } = person;
  await transact(deps.db, tx => insertMembership(tx, { personId, userId, role }, deps.clock.now()));
  return person;
}

/** A browser in which this person is signed in. */
export async function signedIn(dashboard: Dashboard, email: string): Promise<Browser> {
  const browser = dashboard.browser();
  const { status, text } = await browser.post('/sign-in', { email, password });
  if (status !== 200) throw new Error(text);
  return browser;
}

export async function setUpToken(deps: PeopleDeps): Promise<string> {
  const token = await issueSetUpToken(deps, { userId: null });
  if (token === null) throw new Error('there is a person already');
  return token;
}
