/** npm run bench -- create | detect | deliver | search | list | streams | page | doctor | backup: speed, as ratios against a baseline measured in the same run. */
import { benchCreate } from './create.ts';
import { benchDeliver } from './deliver.ts';
import { benchDetect } from './detect.ts';
import { benchBackup, benchDoctor } from './doctor.ts';
import { benchList } from './list.ts';
import { benchPage } from './page.ts';
import { benchSearch } from './search.ts';
import { benchStreams } from './streams.ts';

const benches: Record<string, { what: string; run: () => Promise<void> }> = {
  create: {
    what: 'POST invoice, against one transaction a request; tails taken, open invoices',
    run: benchCreate,
  },
  detect: {
    what: 'from the final block to the webhook, against a bare watcher; RPC calls',
    run: benchDetect,
  },
  deliver: {
    what: 'a backlog of webhooks, against posting the same bodies without a queue',
    run: benchDeliver,
  },
  search: {
    what: 'search by each field among 1,000,000 invoices, against fetching one by its id',
    run: benchSearch,
  },
  list: {
    what: 'the list of 1,000,000 invoices by each filter and several, against its plain first page',
    run: benchList,
  },
  streams: {
    what: '1,000 open payment pages with streams, against pages that ask every four seconds',
    run: benchStreams,
  },
  page: {
    what: 'the amount painted on a slow line; the page under load, against /healthz',
    run: benchPage,
  },
  doctor: {
    what: 'every rule of doctor on 1,000,000 invoices and what belongs to them, against reading every row once',
    run: benchDoctor,
  },
  backup: {
    what: 'backup of the same against that, and restore',
    run: benchBackup,
  },
};

const [name = ''] = process.argv.slice(2);
const bench = benches[name];
if (bench) await bench.run();
else {
  console.log('npm run bench -- NAME');
  for (const [key, { what }] of Object.entries(benches)) console.log(`  ${key.padEnd(8)} ${what}`);
  process.exitCode = name === '' ? 0 : 2;
}
