/**
 * The command line as an operator uses it, on a folder whose server runs and on one whose server does not. Each kind of
 * command runs as a process of its own at least once; the many small variations run in this one, which is faster.
 */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CryptoScan } from '@cryptoscan/sdk';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { onPostgres } from '../../server/src/cli/folder-database.ts';
import { connectToRunning } from '../../server/src/store/embedded/connect-to-running.ts';
import { withSession } from '../../server/src/store/embedded/session.ts';
import {
  type DevLine,
  type Home,
  openHome,
  type Program,
  patience,
  run,
  runHere,
  startDev,
  withDatabase,
  withStoppedDatabase,
} from '../process.ts';

const TRON = 'TNVq3iEcaGWbbsR34MTdg1JMTxvYFU8Qir';
let home: Home;
let server: Program | undefined;

beforeAll(async () => {
  home = await openHome();
  // The first run of a checkout builds it.
  expect(await run(home, ['--version'])).toMatchObject({ code: 0 });
}, 300_000);

afterAll(async () => {
  await server?.terminate();
  await home?.close();
});

type Ended = { code: number | null; stdout: string; stderr: string };
const onFolder = (words: string, more: readonly string[]) => [...words.split(' '), ...more, '--data-dir'];

/** Runs a command on the folder of this file, as a process. */
const cli = (words: string, ...more: string[]): Promise<Ended> =>
  run(home, [...onFolder(words, more), 'data']);

/** The same within this process. */
const here = (words: string, ...more: string[]): Promise<Ended> =>
  runHere([...onFolder(words, more), join(home.dir, 'data')]);

/** What a command answers with --json, which must be one line. */
function answer({ code, stdout, stderr }: Ended) {
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout.trimEnd()).not.toContain('\n');
  return JSON.parse(stdout);
}
const json = async (words: string, ...more: string[]) => answer(await here(words, '--json', ...more));

describe('help', () => {
  test('is printed for the program, and by itself when nothing is asked', async () => {
    const [asked, nothing] = await Promise.all([run(home, ['--help']), run(home, [])]);
    expect([asked.code, asked.stderr]).toEqual([0, '']);
    for (const name of ['dev', 'serve', 'user', 'merchant', 'wallet', 'pay', 'transfer', 'migrate', 'doctor'])
      expect(asked.stdout).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
    expect(nothing.code).toBe(2);
    expect(nothing.stdout + nothing.stderr).toContain('Usage: cryptoscan');
  });

  test.each([
    ['dev', '--ephemeral'],
    ['serve', '--embedded'],
    ['user create', '--password'],
    ['merchant create', '--public-key'],
    ['merchant list', '--json'],
    ['merchant update', '--webhook-url'],
    ['wallet add', '--address'],
    ['wallet list', '--merchant'],
    ['wallet update', '--digits'],
    ['pay', '--amount'],
    ['transfer list', '--state'],
    ['migrate', '--json'],
    ['doctor', '--json'],
  ])('of %s tells its options', async (command, option) => {
    const { code, stdout } = await here(command, '--help');
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: cryptoscan ${command}`);
    expect(stdout).toContain(option);
  });
});

describe('where it is not said which installation is meant', () => {
  const nowhere = () => ({ XDG_DATA_HOME: join(home.dir, 'nowhere') });
  const commands = [
    'doctor',
    'user list',
    'user create --email a@b.example --password secret-enough',
    'backup',
    'migrate',
  ];

  test.each(commands)(
    '%s refuses a configuration that is missing or broken, and makes nothing',
    async words => {
      const broken = join(home.dir, 'broken.json');
      await writeFile(broken, '{');
      const missing = join(home.dir, 'missing.json');
      for (const [file, fault] of [
        [missing, `${missing}: cannot be read (ENOENT)\n`],
        [broken, `${broken}: is not valid JSON\n`],
      ] as const)
        expect(await runHere([...words.split(' '), '--config', file], nowhere())).toEqual({
          code: 2,
          stdout: '',
          stderr: fault,
        });
      const wrong = { ...nowhere(), DATABASE_URL: 'mysql://127.0.0.1/x' };
      expect(await runHere(words.split(' '), wrong)).toMatchObject({ code: 2, stdout: '' });
      expect(existsSync(nowhere().XDG_DATA_HOME)).toBe(false);
    },
  );

  test.each(commands.slice(0, 4))(
    '%s refuses a folder without an installation, and makes none',
    async words => {
      const typo = join(home.dir, 'typo');
      const { code, stderr } = await runHere([...words.split(' '), '--embedded', '--data-dir', typo]);
      expect([code, stderr]).toEqual([1, expect.stringContaining(`in ${typo}: `)]);
      expect(existsSync(typo)).toBe(false);
    },
  );

  test('a variable that is empty does not hide the file that is named beside it', async () => {
    const file = join(home.dir, 'key');
    await writeFile(file, 'not a key');
    const env = { ...nowhere(), CRYPTOSCAN_MASTER_KEY: '', CRYPTOSCAN_MASTER_KEY_FILE: file };
    expect(await runHere(['doctor'], env)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^masterKey: /),
    });
  });
});

describe('on a folder whose server does not run', () => {
  test('it is made by `migrate`, and by no command that only works on it', async () => {
    expect(answer(await cli('migrate', '--json')).applied.length).toBeGreaterThan(0);
    // As a later version leaves it, and as an earlier one.
    await withStoppedDatabase(home, 'data', async db => {
      await sql`insert into kysely_migration values ('0999-from-tomorrow', 'now')`.execute(db);
    });
    expect(await here('user list')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('used by a newer one'),
    });
    const last = await withStoppedDatabase(home, 'data', async db => {
      await sql`delete from kysely_migration where name = '0999-from-tomorrow'`.execute(db);
      const { rows } = await sql<{ name: string; timestamp: string }>`
        delete from kysely_migration where name = (select max(name) from kysely_migration) returning *`.execute(
        db,
      );
      return rows[0]!;
    });
    expect(await here('doctor')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('run `cryptoscan migrate` first'),
    });
    await withStoppedDatabase(home, 'data', async db => {
      await sql`insert into kysely_migration values (${last.name}, ${last.timestamp})`.execute(db);
    });
  });

  test('a user is made with a password, or one read from standard input', async () => {
    const first = ['--email', 'one@example.com', '--password', 'correct horse', '--json'];
    expect(answer(await cli('user create', ...first))).toEqual({ id: 1 });
    const second = ['user', 'create', '--data-dir', 'data', '--email', 'two@example.com'];
    expect(await run(home, second, { input: 'battery staple\nmore\n' })).toEqual({
      code: 0,
      stdout: 'User 2 is registered.\n',
      stderr: '',
    });
    const nothing = await run(home, second);
    expect([nothing.code, nothing.stderr]).toEqual([2, expect.stringMatching(/^--password: is required/)]);
  });

  test('a merchant gets keys of its own, and they are shown this once', async () => {
    const settings = ['--name', 'Corner shop', '--url', 'https://shop.example', '--json'];
    expect(answer(await cli('merchant create --user 1', ...settings))).toEqual({
      id: 1,
      public_key: expect.stringMatching(/^public_[\w-]{32}$/),
      private_key: expect.stringMatching(/^private_[\w-]{43}$/),
      webhook_secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
    });
  });

  test('a wallet is registered', async () => {
    const wallet = '--merchant 1 --cryptocurrency USDT --network TRC-20 --address';
    const stdout = `Wallet 1 is registered: ${TRON}\n`;
    expect(await cli(`wallet add ${wallet} ${TRON}`)).toEqual({ code: 0, stdout, stderr: '' });
  });

  test('a payment link is made with its address and a button, listed, and closed', async () => {
    const words = ['--amount', '14.30', '--currency', 'EUR', '--description', 'Two <b>bags</b>'];
    const made = await json('link create --merchant 1', ...words, '--base-url', 'https://pay.example/');
    expect(made).toMatchObject({
      merchant: 1,
      amount: '14.30',
      currency: 'EUR',
      active: true,
      max_uses: null,
    });
    expect(made.url).toBe(`https://pay.example/pay/${made.id}`);
    expect(made.button).toMatch(
      /^<a href="https:\/\/pay\.example\/pay\/[\w-]{22}" [^<>]*>Pay 14\.30 EUR<\/a>$/,
    );
    expect(await json('link list --merchant 1')).toMatchObject([{ id: made.id, active: true, paid: 0 }]);
    expect(await json('link close', made.id)).toEqual({ id: made.id });
    expect(await json('link list')).toMatchObject([{ id: made.id, active: false }]);
    const wrong = await here('link create --merchant 1', '--amount', '0', '--description', ' ');
    expect([wrong.code, wrong.stderr]).toEqual([
      2,
      expect.stringMatching(/^--amount: .+\n--description: must not be/),
    ]);
    const local = await here('link create --merchant 1 --amount 5 --description x --expires tomorrow');
    expect([local.code, local.stderr]).toEqual([2, expect.stringContaining('2027-01-31T12:00:00Z')]);
  });

  test('two commands at once take turns', async () => {
    const both = await Promise.all([cli('merchant list'), cli('wallet list')]);
    expect(both.map(({ code, stderr }) => [code, stderr])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    expect(both[0].stdout).toContain('Corner shop');
    expect(both[1].stdout).toContain(TRON);
  });

  test('one that came in through the database of another is not cut off when that one is done', async () => {
    const dir = join(home.dir, 'data');
    let comeIn = () => {};
    const guestIsIn = new Promise<void>(resolve => {
      comeIn = resolve;
    });
    let isDone = false;
    const host = onPostgres(dir, () => guestIsIn).then(() => {
      isDone = true;
    });
    const isUp = async () => {
      const found = await connectToRunning(dir);
      if (found.ok) await found.value.close();
      return found.ok;
    };
    await expect.poll(isUp, patience).toBe(true);
    await onPostgres(dir, async connection => {
      if ('url' in connection) throw new Error('not through the folder');
      comeIn();
      for (let n = 0; n < 100; n++) await withSession(connection, client => client.query('select 1'));
      expect(isDone).toBe(false);
    });
    await host;
  });

  test('doctor ends with 0, and with 1 and a list once something is wrong', async () => {
    expect(answer(await cli('doctor --json'))).toEqual({
      ok: true,
      checked: expect.any(Number),
      violations: [],
      checks: expect.arrayContaining([expect.objectContaining({ name: 'database', state: 'ok' })]),
    });
    await withStoppedDatabase(home, 'data', db =>
      db.updateTable('wallets').set({ address: 'TBjkHCYgMb1ohJq77aovAyw4kCMtBEtMGN' }).execute(),
    );
    const found = await cli('doctor');
    expect([found.code, found.stderr]).toEqual([1, '1 violations found.\n']);
    expect(found.stdout).toContain('broken   "a wallet is as it was registered": wallet 1\n');
    expect(found.stdout).toMatch(
      /What it means: An address exchanged[^\n]*\n {9}What to do: Nobody is shown/,
    );
  });
});

describe('on a folder whose server runs', () => {
  let line: DevLine;

  test('the same commands go through it', async () => {
    const started = await startDev(home, 'data');
    server = started.program;
    line = started.line;
    expect(answer(await cli('merchant list --json'))).toHaveLength(3);
    expect(line.merchants.map(({ id }) => id)).toEqual([2, 3]);
    expect(answer(await cli('migrate --json'))).toEqual({ applied: [] });
    await withDatabase(home, 'data', db =>
      db.updateTable('wallets').set({ address: TRON }).where('id', '=', 1).execute(),
    );
    expect(answer(await cli('doctor --json'))).toMatchObject({ ok: true });
  });

  const shop = '--name x --url https://x.example';
  test.each([
    ['user create --email ONE@example.com --password correct-horse', /^--email: is registered already/],
    ['user create --email nobody --password short', /^--email: .+\n--password: must have at least 8/],
    ['user create --password correct-horse', /--email <address>/],
    ['merchant create --user 1 --name x', /^--url: /],
    [`merchant create --user 99 ${shop}`, /^--user: there is no user/],
    [`merchant create --user x ${shop}`, /whole number/],
    [`merchant create --user 1 ${shop} --compat maybe`, /on or off/],
    [`merchant create --user 1 ${shop} --auth none`, /signature, private-key/],
    [
      'merchant create --user 1 --name x --url ftp://x --payment-minutes 10',
      /--url: .+\n--payment-minutes: /,
    ],
    [`merchant create --user 1 ${shop} --public-key only`, /^--private-key: /],
    [`merchant create --user 1 ${shop} --webhook-url http://10.0.0.1/`, /^--webhook-url: /],
    ['merchant update 99 --name x', /^merchant: there is no merchant/],
    ['merchant update x --name x', /whole number/],
    ['merchant frobnicate', /unknown command|too many arguments/],
    ['frobnicate', /unknown/],
    ['doctor --frobnicate', /unknown option/],
    ['wallet update 99 --digits 3', /^wallet: there is no wallet/],
    ['wallet update 1 --digits 7', /^--digits: must be at most 6/],
    ['wallet list --merchant x', /whole number/],
    ['pay x', /whole number/],
  ])('%s ends with 2 and says why', async (words, said) => {
    const { code, stdout, stderr } = await here(words);
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringMatching(said)]);
  });

  test('a merchant may bring along the keys it has, once', async () => {
    const create = `merchant create --user 1 ${shop} --public-key pk_demo --private-key sk_demo_123`;
    expect((await here(create)).stdout).toMatch(/pk_demo\n.+sk_demo_123\n.+whsec_/);
    const again = await here(create);
    expect([again.code, again.stderr]).toEqual([2, '--public-key: is in use already\n']);
    const listed = await here('merchant list');
    expect(listed.stdout).toContain('pk_demo');
    expect(listed.stdout).not.toMatch(/sk_demo_123|private_[\w-]{43}|whsec_/);
  });

  const phrase = 'legal winner thank year wave sausage worth useful legal winner thank yellow';
  const key = '4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318';
  test.each([
    ['an address it has', 'TRC-20', TRON, 'already'],
    ['a mistyped address', 'TRC-20', `${TRON.slice(0, -1)}s`, 'address'],
    ['a recovery phrase', 'TRC-20', phrase, 'phrase'],
    ['a private key', 'ERC-20', `0x${key}`, 'private key'],
    ['the address of another network', 'ERC-20', TRON, 'needs'],
    ['a network that is not here', 'POLYGON', TRON, 'network'],
  ])('a wallet cannot be %s, and that is not repeated', async (_, network, address, said) => {
    const words = `wallet add --merchant 1 --cryptocurrency USDT --network ${network} --address`;
    const { code, stdout, stderr } = await here(words, address);
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(said)]);
    expect(stderr).not.toMatch(/4c0883a6|sausage/);
  });

  test('settings change, and what was not named stays', async () => {
    expect(await json('wallet update 1 --digits 4 --active off')).toEqual({ id: 1, active_from: null });
    expect(await json('wallet list --merchant 1')).toMatchObject([
      { id: 1, network: 'TRC-20', address: TRON, digits: 4, max_tail: 999, active: false },
    ]);
    const url = 'http://127.0.0.1:9/hook';
    expect(await json(`merchant update 1 --webhook-url ${url} --auth private-key`)).toEqual({ id: 1 });
    const changed = { name: 'Corner shop', auth: 'private-key', webhook_url: url, compat: true };
    expect((await json('merchant list'))[0]).toMatchObject(changed);
    expect((await here('merchant update 1 --webhook-url none')).stdout).toBe('Merchant 1 is changed.\n');
    expect((await json('merchant list'))[0]).toMatchObject({ ...changed, webhook_url: null });
  });

  test('an invoice is paid, with the amount due or another, and the transfers are listed', async () => {
    const { public_key: publicKey, private_key: privateKey, auth } = line.merchants[1]!;
    const client = new CryptoScan({ baseUrl: line.base_url, publicKey, privateKey, auth });
    const invoice = await client.createInvoice({ amount: '15', client_reference_id: 'paid from here' });
    expect((await here('transfer list')).stdout).toBe('none\n');
    const paid = answer(await cli(`pay ${invoice.id} --json`));
    expect(paid).toEqual({
      transaction_id: expect.stringMatching(/^[\da-f]{64}$/),
      amount: invoice.final_amount,
      cryptocurrency: 'USDT',
      network: 'TRC-20',
      to: invoice.wallet,
    });
    const { transaction_id } = paid;
    await expect.poll(() => client.invoice(invoice.id), patience).toMatchObject({ transaction_id });
    // Too little to be a part of anything.
    const less = await here(`pay ${invoice.id} --amount 1.2`);
    expect(less.stdout).toMatch(/^Sent 1.20 USDT to T\w{33}: transaction /);
    await expect
      .poll(() => json('transfer list --state unmatched'), patience)
      .toMatchObject([{ state: 'unmatched', reason: 'no_reservation', amount: '1.20', invoice_id: null }]);
    expect(await json('transfer list --state matched')).toMatchObject([
      { invoice_id: Number(invoice.id), amount: invoice.final_amount, to: invoice.wallet, transaction_id },
    ]);
    expect((await here('pay 9999')).code).toBe(1);
    for (const amount of ['0', 'x', '1.1234567'])
      expect((await here(`pay ${invoice.id} --amount ${amount}`)).stderr).toMatch(/^--amount: /);
    await server?.terminate();
    const late = await here(`pay ${invoice.id}`);
    expect([late.code, late.stderr]).toEqual([1, expect.stringContaining('running `cryptoscan dev`')]);
  });
});
