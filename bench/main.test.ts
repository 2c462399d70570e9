import { expect, test } from 'bun:test';
import { join } from 'node:path';

const bench = (...args: string[]) => {
  const { exitCode, stdout } = Bun.spawnSync([
    ...[process.execPath, '--no-orphans', join(import.meta.dir, 'main.ts'), ...args],
  ]);
  return { exitCode, names: stdout.toString().match(/^\w+/gm) };
};

test('the benchmarks are listed, asked for or not', () => {
  const { exitCode, names } = bench('--list');
  expect(exitCode).toBe(0);
  expect(names).toContain('reprocess');
  expect(bench()).toEqual({ exitCode, names });
  expect(bench('nothing').exitCode).toBe(1);
});
