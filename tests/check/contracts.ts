import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mustRun, runCommand } from '../run/commands.ts';
import { type Check, ROOT, tool } from './check.ts';

export const protoLint: Check = {
  name: 'proto: lint',
  run: async () => {
    await tool('buf', 'lint', 'proto');
  },
};

/** Against the last commit that differs: in a clean tree that is the one before. */
export const protoBreaking: Check = {
  name: 'proto: no breaking change',
  run: async () => {
    const git = (...args: string[]) => runCommand(['git', ...args], { cwd: ROOT });
    const changed = (await git('status', '--porcelain', '--', 'proto')).output.trim() !== '';
    const base = changed ? 'HEAD' : 'HEAD~1';
    // A first commit, a shallow clone, a copy without git: nothing to compare with.
    if ((await git('cat-file', '-e', `${base}:proto/buf.yaml`)).code !== 0) return;
    const folder = mkdtempSync(join(tmpdir(), 'demeter-proto-'));
    try {
      const archive = join(folder, 'base.tar');
      await mustRun(['git', 'archive', '-o', archive, base, 'proto'], { cwd: ROOT });
      await mustRun(['tar', '-xf', archive, '-C', folder]);
      await tool('buf', 'breaking', 'proto', '--against', join(folder, 'proto'));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
