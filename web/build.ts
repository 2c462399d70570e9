/**
 * `bun web/build.ts`: the pages, assets named by their content: the centre's into `web/dist/`, the
 * box's own into `web/box/dist/`.
 */
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

for (const folder of ['.', 'box']) await build(folder);

async function build(folder: string): Promise<void> {
  const root = join(import.meta.dir, folder);
  const outdir = join(root, 'dist');
  // Built beside and put in place whole: who serves the page never sees half of it.
  const fresh = join(root, `dist.${process.pid}.tmp`);
  const result = await Bun.build({
    entrypoints: [join(root, 'index.html')],
    outdir: fresh,
    target: 'browser',
    publicPath: '/',
    minify: true,
    sourcemap: 'none',
    naming: {
      entry: '[name].[ext]',
      chunk: 'assets/[name]-[hash].[ext]',
      asset: 'assets/[name]-[hash].[ext]',
    },
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const bytes = result.outputs.reduce((sum, output) => sum + output.size, 0);
  await putInPlace(fresh, outdir);
  const assets = await readdir(join(outdir, 'assets'));
  const name = join('web', folder, 'dist');
  console.error(`${name}: ${assets.length + 1} files, ${(bytes / 1024).toFixed(0)} KiB`);
}

/** Leaves what stands there already as it is: somebody may be reading it, or building the same. */
async function putInPlace(fresh: string, outdir: string): Promise<void> {
  try {
    if ((await contents(fresh)) !== (await contents(outdir))) {
      await rm(outdir, { recursive: true, force: true });
      await rename(fresh, outdir);
    }
  } catch (error) {
    // Another build was faster by a moment.
    if ((await contents(fresh)) !== (await contents(outdir))) throw error;
  }
  await rm(fresh, { recursive: true, force: true });
}

/** What a build holds: its page, and its other files by their names, which say their content. */
async function contents(folder: string): Promise<string> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const index = Bun.file(join(folder, 'index.html'));
  return [...names.toSorted(), (await index.exists()) ? await index.text() : ''].join('\n');
}
