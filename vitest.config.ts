import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const sdk = fileURLToPath(new URL('./sdk/src/index.ts', import.meta.url));

/** What may ask for a database of its own; the other tests do not wait for a PostgreSQL to start. */
const withDatabase = ['server/src/**/*.db.test.ts', 'test/**/*.test.ts'];

export default defineConfig({
  resolve: { alias: { '@cryptoscan/sdk': sdk } },
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: { name: 'alone', include: ['{server,sdk}/src/**/*.test.ts'], exclude: withDatabase },
      },
      {
        extends: true,
        test: { name: 'database', include: withDatabase, globalSetup: './test/global-setup.ts' },
      },
    ],
  },
});
