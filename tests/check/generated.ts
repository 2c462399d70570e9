import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Glob } from 'bun';
import { runCommand } from '../run/commands.ts';
import { bun, type Check, ROOT } from './check.ts';

export const protoTypes: Check = {
  name: 'proto/gen is what the .proto files say',
  run: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'demeter-gen-'));
    try {
      await bun('proto/generate.ts', folder);
      const { code, output } = await runCommand(['diff', '-r', folder, join(ROOT, 'proto/gen')]);
      if (code !== 0) throw new Error(`run \`bun proto/generate.ts\`:\n${output.slice(0, 2000)}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  fix: async () => {
    await bun('proto/generate.ts');
  },
};

/**
 * What parts generate for themselves (database types, the OpenAPI document): each such script
 * compares with `--check` and writes without.
 */
export const generated: readonly Check[] = [
  ...new Glob('{core,edge,inference,web}/scripts/generate-*.ts').scanSync({ cwd: ROOT }),
]
  .sort()
  .map((script) => ({
    name: script,
    run: async () => {
      await bun(script, '--check');
    },
    fix: async () => {
      await bun(script);
    },
  }));
