/** `bun web/build.ts`: the page into `web/dist/`, assets named by their content. */
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

const outdir = join(import.meta.dir, 'dist');
// Built beside and put in place whole: a core that serves the page never sees half of it.
const fresh = join(import.meta.dir, `dist.${process.pid}.tmp`);

const result = await Bun.build({
  entrypoints: [join(import.meta.dir, 'index.html')],
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
await rm(outdir, { recursive: true, force: true });
await rename(fresh, outdir);

const assets = await readdir(join(outdir, 'assets'));
console.error(`web/dist: ${assets.length + 1} files, ${(bytes / 1024).toFixed(0)} KiB`);
