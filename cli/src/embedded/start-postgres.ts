import { type Child, type ChildOptions, startChild } from '@demeter/common/child-process';
import { ENTRY, ROOT } from '../paths.ts';

/** A running embedded database; it takes one core and the admin's commands beside it. */
export interface EmbeddedPostgres {
  readonly child: Child;
  readonly url: string;
}

/** Starts PGlite on `folder`, which must be this process's own. First start 5–8 s, later 2 s. */
export async function startPostgres(
  folder: string,
  options: Pick<ChildOptions, 'env' | 'logFile'>,
): Promise<EmbeddedPostgres> {
  const child = await startChild({
    name: 'the embedded database',
    entry: ENTRY.postgres,
    cwd: ROOT,
    args: [folder],
    ...options,
  });
  return { child, url: String(child.ready.url) };
}
