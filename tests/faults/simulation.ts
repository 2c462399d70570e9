import { join } from 'node:path';

const PROGRAM = join(import.meta.dir, '../../edge/src/simulation/simulation-main.ts');

/** Seeded weeks of a box (docs/faults.md, "Simulation"), in processes of their own. Answers the exit code. */
export async function simulation(flags: Readonly<Record<string, string>>): Promise<number> {
  const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  const child = Bun.spawn([process.execPath, PROGRAM, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return await child.exited;
}
