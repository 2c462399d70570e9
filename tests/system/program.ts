import { join } from 'node:path';

export const ROOT = join(import.meta.dir, '../..');

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one of our programs to its end. */
export async function runProgram(
  entry: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Ended> {
  const child = Bun.spawn(
    [process.execPath, '--no-orphans', '--no-env-file', join(ROOT, entry), ...args],
    { cwd: ROOT, env, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' },
  );
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, stdout, stderr };
}

/** The JSON that a core's command answers. Throws with what it said where it fails. */
export async function admin<T>(
  env: Readonly<Record<string, string>>,
  ...words: string[]
): Promise<T> {
  const { code, stdout, stderr } = await runProgram('core/src/admin.ts', [...words, '--json'], env);
  if (code !== 0) throw new Error(`${words.join(' ')}: ${stderr}`);
  return JSON.parse(stdout) as T;
}
