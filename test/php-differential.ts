/**
 * Holds our readers, our canonical query string and our signature against the real PHP on generated bodies:
 *
 *     node --import tsx test/php-differential.ts --bodies 200000 --seed 1
 *
 * PHP signs each as the API document says. What the server would refuse although it is signed is held against the rule for
 * that, both ways: nothing else is refused, and nothing of it is let in. Exits 1 on any difference, and 0 with a notice
 * where there is no PHP.
 */
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ambiguity, bodySignature } from '../server/src/http/merchant-api/signature.ts';
import { readForm } from '../server/src/lib/form.ts';
import { type JsonNode, readJson } from '../server/src/lib/json-tokens.ts';
import { phpQuery } from '../server/src/lib/php-query.ts';
import { doubtsOf } from './php/ambiguous.ts';
import { PhpPeer, phpVersion } from './php/php.ts';
import { anyBody, type Body, seeded } from './php-bodies.ts';

export type Difference = { kind: Body['kind']; body: string; ours: string; php: string };

/** How PHP answered: `signed`, `scalar` or `unreadable`; `refused` are those of `signed` that could be read two ways. */
export type Tally = { signed: number; scalar: number; unreadable: number; refused: number };

const keys = { publicKey: 'pk_test ~+/é', privateKey: 'sk_test_0123456789' };

const BATCH = 2000;
const MOST_DIFFERENCES = 10;

/** How `test/php/sign.php` is asked about a body. */
export const askedAs = ({ kind, bytes }: Body): string => `${kind[0]}${bytes.toString('base64')}`;

/** Our answer in the form of PHP's; a body that PHP signs also says whether we refuse it. */
function ours({ kind, bytes }: Body): string {
  const read = kind === 'form' ? readForm(bytes.toString()) : readJson(bytes, { maxValues: 1_000_000 });
  if (!read.ok) return 'E';
  if (isScalar(read.value)) return 'S';
  const { publicKey, privateKey } = keys;
  const signature = bodySignature(read.value, publicKey, privateKey);
  const verdict = ambiguity(read.value) === null ? 'taken' : 'refused';
  return `Q${signature} ${verdict} ${phpQuery(read.value, publicKey)}`;
}

const isScalar = (node: JsonNode) => node === null || typeof node !== 'object' || node.type === 'number';

/** PHP's answer with the rule's verdict in it. */
function judged({ kind, bytes }: Body, answer: string): string {
  if (!answer.startsWith('Q')) return answer;
  const [signature, doubts, ...query] = answer.split(' ');
  const isRefused = kind === 'form' ? doubts !== '-' : doubtsOf(bytes.toString()).size > 0;
  return [signature, isRefused ? 'refused' : 'taken', ...query].join(' ');
}

/** Compares `count` bodies drawn from `seed`; keeps the first differences, and counts how PHP answered. */
export async function differences(
  count: number,
  seed: number,
): Promise<{ found: Difference[]; answers: Tally }> {
  const random = seeded(seed);
  const found: Difference[] = [];
  const answers: Tally = { signed: 0, scalar: 0, unreadable: 0, refused: 0 };
  const php = new PhpPeer('sign.php', [keys.publicKey, keys.privateKey]);
  const asked: { bodies: Body[]; replies: Promise<string[]> }[] = [];
  let drawn = 0;
  const draw = () => {
    const bodies = Array.from({ length: Math.min(BATCH, count - drawn) }, () => anyBody(random));
    drawn += bodies.length;
    const replies = php.ask(bodies.map(askedAs));
    // A fault is met where the answers are awaited, which may be later.
    replies.catch(() => undefined);
    asked.push({ bodies, replies });
  };
  try {
    // PHP works on the next batch while this one is compared.
    for (draw(); asked.length > 0 && found.length < MOST_DIFFERENCES; ) {
      if (drawn < count) draw();
      const { bodies, replies } = asked.shift()!;
      compare(bodies, await replies, { found, answers });
    }
  } finally {
    await Promise.allSettled(asked.map(({ replies }) => replies));
    await php.close();
  }
  return { found: found.slice(0, MOST_DIFFERENCES), answers };
}

function compare(
  bodies: readonly Body[],
  replies: readonly string[],
  { found, answers }: { found: Difference[]; answers: Tally },
): void {
  for (const [n, body] of bodies.entries()) {
    const [own, php] = [ours(body), judged(body, replies[n] ?? '')];
    if (php.startsWith('Q')) answers.signed++;
    else answers[php === 'S' ? 'scalar' : 'unreadable']++;
    if (php.split(' ')[1] === 'refused') answers.refused++;
    if (own !== php) found.push({ kind: body.kind, body: body.bytes.toString(), ours: own, php });
  }
}

/** Compares and tells; answers whether there was no difference, which is also so where there is no PHP. */
export async function tellDifferences(count: number, seed: number): Promise<boolean> {
  const version = phpVersion();
  if (version === null) {
    console.log('php not found: the differential test is skipped');
    return true;
  }
  const began = performance.now();
  const { found, answers } = await differences(count, seed);
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  for (const difference of found) console.log(JSON.stringify(difference, null, 2));
  console.log(
    `PHP ${version}, ${count} bodies from seed ${seed} in ${seconds} s: ${JSON.stringify(answers)}, ${found.length} differences`,
  );
  return found.length === 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values } = parseArgs({ options: { bodies: { type: 'string' }, seed: { type: 'string' } } });
  const isSame = await tellDifferences(Number(values.bodies ?? 20_000), Number(values.seed ?? 1));
  process.exitCode = isSame ? 0 : 1;
}
