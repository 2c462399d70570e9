import { afterEach, beforeEach, expect, test } from 'bun:test';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../paths.ts';

let data = '';
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'demeter-models-'));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

/** The command in an environment that names no server. */
async function demeter(...args: string[]) {
  const { PATH = '', HOME = '' } = process.env;
  const child = Bun.spawn(
    [process.execPath, '--no-orphans', '--no-env-file', join(ROOT, 'cli/src/main.ts'), ...args],
    { cwd: ROOT, env: { PATH, HOME }, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' },
  );
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { stdout, stderr, code };
}

test('where no system runs it says what to start, and starts no database for it', async () => {
  const { code, stderr } = await demeter('models', '--data', data);
  expect(code).toBe(1);
  expect(stderr).toContain('start `bun run demo`');
  expect(existsSync(join(data, 'postgres'))).toBe(false);
}, 240_000);

test('the doctor looks at models that were uploaded to the embedded system', async () => {
  const folder = join(data, 'models', 'uploaded', '3');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'model.onnx'), 'no model');
  const { stdout } = await demeter('doctor', '--json', '--data', data);
  const found: unknown = JSON.parse(stdout);
  expect(found).toContainEqual(expect.objectContaining({ state: 'bad', what: 'model uploaded/3' }));
}, 240_000);
