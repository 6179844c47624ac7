/** Finds the anvil binary that npm installed. Its package for this platform is used directly and needs no install script. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const platforms: Record<string, string> = {
  'linux-x64': 'linux-amd64',
  'linux-arm64': 'linux-arm64',
  'darwin-x64': 'darwin-amd64',
  'darwin-arm64': 'darwin-arm64',
};

/** The path of the binary. Throws with words for the person at the console when it is not there. */
export function anvilBinary(platform: string = `${process.platform}-${process.arch}`): string {
  const name = platforms[platform];
  if (name === undefined)
    throw new Error(`local chains do not run on ${platform}: anvil has no binary for it`);
  try {
    // The platform package is a dependency of the wrapper package, so it is looked up from there.
    const wrapper = createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json');
    const manifest = createRequire(wrapper).resolve(`@foundry-rs/anvil-${name}/package.json`);
    return join(dirname(manifest), 'bin', 'anvil');
  } catch (cause) {
    throw new Error(
      'anvil is not installed: local chains are a development dependency; run npm ci without --omit=dev or --omit=optional',
      { cause },
    );
  }
}
