import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** What fits into one packet is there no sooner for being smaller. */
const LEAST = 1400;

/** Eleven would make a file 7 % smaller and take fourteen times as long, and whoever starts for the first time waits for it. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };

/** Beside each file of text its compressed forms, which the server hands out as they are: nothing is compressed twice. */
const compressOnce: Plugin = {
  name: 'compress-once',
  apply: 'build',
  async writeBundle({ dir = '' }) {
    const folder = join(dir, 'assets');
    const files = (await readdir(folder)).filter(name => /\.(js|css|svg)$/.test(name));
    await Promise.all(
      files.map(async name => {
        const text = await readFile(join(folder, name));
        if (text.length < LEAST) return;
        await writeFile(join(folder, `${name}.br`), await promisify(brotliCompress)(text, BROTLI));
        await writeFile(join(folder, `${name}.gz`), await promisify(gzip)(text, { level: 9 }));
      }),
    );
  },
};

export default defineConfig({
  // Addresses are relative to the page's <base>, which the server sets: nothing of an installation is baked in.
  base: './',
  plugins: [react(), tailwindcss(), compressOnce],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    // How long a plugin took is of no use to whoever starts the program.
    rolldownOptions: { checks: { pluginTimings: false } },
  },
});
