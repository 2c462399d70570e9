import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { buildCached, findCached } from '../cache.ts';
import { mustRun } from '../commands.ts';

/** A program that Go builds from its module proxy, once per machine. */
export interface GoProgram {
  /** Also the name of its binary. */
  readonly name: string;
  readonly module: string;
  readonly version: string;
  /** What Go calls the binary, where that says less: the module's last folder. */
  readonly command?: string;
  /** What the builder tells who waits. */
  readonly minutes: string;
}

/** Its path, if it is on PATH or was built. */
export function findGoProgram({ name, version }: GoProgram): string | undefined {
  const folder = findCached(`${name}-${version}`);
  const built = folder && join(folder, name);
  return Bun.which(name) ?? (built && existsSync(built) ? built : undefined);
}

export async function goProgram(program: GoProgram): Promise<string> {
  return findGoProgram(program) ?? (await build(program));
}

async function build({ name, module, version, command, minutes }: GoProgram): Promise<string> {
  const go = Bun.which('go') ?? Bun.which('go', { PATH: '/usr/local/go/bin' });
  if (go === null) throw new Error(`put ${name} on PATH, or install Go 1.24 or later to build it`);
  const folder = await buildCached(`${name}-${version}`, async (aside) => {
    console.error(`building ${name} with Go, once on this machine (about ${minutes}) …`);
    await mustRun([go, 'install', `${module}@${version}`], {
      env: { ...process.env, GOBIN: aside, GOFLAGS: '', CGO_ENABLED: '0' },
    });
    if (command) renameSync(join(aside, command), join(aside, name));
  });
  return join(folder, name);
}
