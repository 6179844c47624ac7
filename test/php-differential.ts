/**
 * Holds our readers and canonical query string against the real PHP on generated bodies:
 *
 *     node --import tsx test/php-differential.ts --bodies 200000 --seed 1
 *
 * Exits 1 on any difference, and 0 with a notice where there is no PHP.
 */
import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { readForm } from '../server/src/lib/form.ts';
import { readJson } from '../server/src/lib/json-tokens.ts';
import { phpQuery } from '../server/src/lib/php-query.ts';
import { anyBody, type Body, seeded } from './php-bodies.ts';

export type Difference = { kind: Body['kind']; body: string; ours: string; php: string };

const apiKey = 'pk_test ~+/é';

/** One line in, one line out: `Q` and the query string, `S` for a scalar, `E` for a body PHP cannot read. */
const program = `
error_reporting(0);
while (($line = fgets(STDIN)) !== false) {
  $raw = base64_decode(substr($line, 1));
  if ($line[0] === 'f') {
    if (!preg_match('//u', urldecode($raw)) || strpos($raw, "\\0") !== false) { echo "E\\n"; continue; }
    parse_str($raw, $body);
  } else {
    $body = json_decode($raw, true);
    if (json_last_error() !== JSON_ERROR_NONE) { echo "E\\n"; continue; }
    if (!is_array($body)) { echo "S\\n"; continue; }
  }
  $body['api_key'] = base64_decode('${Buffer.from(apiKey).toString('base64')}');
  ksort($body);
  echo 'Q', http_build_query($body), "\\n";
}`;

/** The version of the PHP on the PATH, or null without one. */
export function phpVersion(): string | null {
  const run = spawnSync('php', ['-r', 'echo PHP_VERSION;'], { encoding: 'utf8', timeout: 30_000 });
  return run.status === 0 ? run.stdout : null;
}

function askPhp(bodies: readonly Body[]): string[] {
  const input = bodies.map(({ kind, bytes }) => `${kind[0]}${bytes.toString('base64')}\n`).join('');
  const settings = ['-n', '-d', 'precision=14', '-d', 'arg_separator.output=&', '-d', 'memory_limit=512M'];
  const run = spawnSync('php', [...settings, '-r', program], {
    input,
    encoding: 'utf8',
    maxBuffer: 512 * 1024 * 1024,
    timeout: 300_000,
  });
  if (run.status !== 0) throw new Error(`php failed: ${run.error?.message ?? run.stderr}`);
  return run.stdout.split('\n').slice(0, -1);
}

function ours({ kind, bytes }: Body): string {
  const read = kind === 'form' ? readForm(bytes.toString()) : readJson(bytes, { maxValues: 1_000_000 });
  if (!read.ok) return 'E';
  const node = read.value;
  const scalar = node === null || typeof node !== 'object' || node.type === 'number';
  return scalar ? 'S' : `Q${phpQuery(node, apiKey)}`;
}

/** Compares `count` bodies drawn from `seed`; keeps the first ten differences, and counts how PHP answered. */
export function differences(
  count: number,
  seed: number,
): { found: Difference[]; answers: Record<string, number> } {
  const random = seeded(seed);
  const found: Difference[] = [];
  const answers: Record<string, number> = { Q: 0, S: 0, E: 0 };
  for (let done = 0; done < count && found.length < 10; done += 5000) {
    const bodies = Array.from({ length: Math.min(5000, count - done) }, () => anyBody(random));
    const replies = askPhp(bodies);
    if (replies.length !== bodies.length) throw new Error('php did not answer every body');
    for (const [n, body] of bodies.entries()) {
      const [own, php] = [ours(body), replies[n] ?? ''];
      answers[php[0] ?? ''] = (answers[php[0] ?? ''] ?? 0) + 1;
      if (own !== php && found.length < 10) {
        found.push({ kind: body.kind, body: body.bytes.toString(), ours: own, php });
      }
    }
  }
  return { found, answers };
}

function main(): void {
  const { values } = parseArgs({ options: { bodies: { type: 'string' }, seed: { type: 'string' } } });
  const version = phpVersion();
  if (version === null) {
    console.log('php not found: the differential test is skipped');
    return;
  }
  const [count, seed] = [Number(values.bodies ?? 20_000), Number(values.seed ?? 1)];
  const { found, answers } = differences(count, seed);
  for (const difference of found) console.log(JSON.stringify(difference, null, 2));
  console.log(`PHP ${version}, seed ${seed}: ${JSON.stringify(answers)}, ${found.length} differences`);
  process.exitCode = found.length === 0 ? 0 : 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main();
