import { describe, expect, test } from 'vitest';
import { hasChecksums, unfitForMoney } from './fit-for-money.ts';

const good: Record<string, string> = {
  server_version_num: '150000',
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  server_encoding: 'UTF8',
  data_checksums: 'on',
};

const showing = (given: Record<string, string | undefined>) => async (name: string) =>
  ({ ...good, ...given })[name];

describe('a database', () => {
  test.each([
    {},
    { server_version_num: '180001' },
    { synchronous_commit: 'remote_write' },
    { synchronous_commit: 'remote_apply' },
    { data_checksums: 'off' },
  ])('with %j is fit for money', async given => {
    expect(await unfitForMoney(showing(given))).toBeNull();
  });

  test.each([
    [{ server_version_num: '149999' }, 'PostgreSQL 14 is too old'],
    [{ fsync: 'off' }, 'fsync = off'],
    [{ full_page_writes: 'off' }, 'full_page_writes = off'],
    [{ synchronous_commit: 'off' }, 'synchronous_commit = off'],
    [{ synchronous_commit: 'local' }, 'synchronous_commit = local'],
    [{ server_encoding: 'SQL_ASCII' }, 'server_encoding = SQL_ASCII'],
    [{ fsync: undefined }, 'fsync = undefined'],
  ])('with %j is not', async (given, says) => {
    expect(await unfitForMoney(showing(given))).toContain(says);
  });

  test('says whether its pages carry checksums', async () => {
    expect(await hasChecksums(showing({}))).toBe(true);
    expect(await hasChecksums(showing({ data_checksums: 'off' }))).toBe(false);
  });
});
