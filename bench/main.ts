/** `bun run bench [--list]` lists the benchmarks; `bun run bench NAME [--json] [its options]` runs one. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Glob } from 'bun';

const [first, ...options] = process.argv.slice(2);
const name = first === '--list' ? undefined : first;
const known = [...new Glob('*/main.ts').scanSync({ cwd: import.meta.dir })].map(dirname).sort();
if (name === undefined || !known.includes(name)) {
  for (const one of known) console.log(`${one.padEnd(12)} ${aboutOf(one)}`);
  if (name !== undefined) console.error(`there is no benchmark ${name}`);
  process.exitCode = name === undefined ? 0 : 1;
} else {
  const child = Bun.spawn([process.execPath, '--no-orphans', entryOf(name), ...options], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  process.exitCode = await child.exited;
}

function entryOf(benchmark: string): string {
  return join(import.meta.dir, benchmark, 'main.ts');
}

/** The first sentence of the file's own comment. */
function aboutOf(benchmark: string): string {
  const comment = /^\/\*\*([\s\S]*?)\*\//.exec(readFileSync(entryOf(benchmark), 'utf8'))?.[1] ?? '';
  const text = comment.replaceAll(/\n \*/g, ' ').replaceAll(/\s+/g, ' ').trim();
  return /^.*?\.(?= |$)/.exec(text)?.[0] ?? text;
}
