/**
 * Where the embedded PostgreSQL keeps its things inside the data folder. Everything of one major version lies in a
 * folder named by it, so that two majors can stand side by side while one is carried over to the next.
 */
import { join, resolve } from 'node:path';

export type Layout = {
  /** The data folder the operator chose. */
  dir: string;
  /** dir/postgresql: holds one folder a major, and is what the one-instance lock is taken on. */
  home: string;
  /** dir/postgresql/18: the working folder of every command below is a direct child of it. */
  root: string;
  /** The cluster itself. If it exists it is whole: it is made beside this path and renamed. */
  data: string;
  /** The shared library names that the npm package leaves to its install script. */
  links: string;
  /** The passwords and what the cluster was made for; 0600. */
  record: string;
  log: string;
};

/** `dir` may be relative; `major` is PostgreSQL's, such as 18. */
export function layoutOf(dir: string, major: number): Layout {
  const absolute = resolve(dir);
  const home = join(absolute, 'postgresql');
  const root = join(home, String(major));
  return {
    dir: absolute,
    home,
    root,
    data: join(root, 'data'),
    links: join(root, 'links'),
    record: join(root, 'cluster.json'),
    log: join(root, 'postgresql.log'),
  };
}

/** What makes a name in `root` a half-made cluster: initdb died before its folder was renamed. */
export const HALF_MADE = 'new-';
