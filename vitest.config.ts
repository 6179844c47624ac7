import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));
/** Our own packages, as they are written and not as they were last built. */
const alias = {
  '@cryptoscan/sdk': source('./sdk/src/index.ts'),
  '@cryptoscan/checkout': source('./checkout/src/index.ts'),
};

/** What may ask for a database of its own; the other tests do not wait for a PostgreSQL to start. */
const withDatabase = ['server/src/**/*.db.test.ts', 'test/**/*.test.ts'];

export default defineConfig({
  resolve: { alias },
  test: {
    testTimeout: 180_000,
    hookTimeout: 180_000,
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: { name: 'alone', include: ['{server,sdk,checkout}/src/**/*.test.ts'], exclude: withDatabase },
      },
      {
        extends: true,
        test: { name: 'database', include: withDatabase, globalSetup: './test/global-setup.ts' },
      },
    ],
  },
});
