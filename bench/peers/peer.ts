import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type LineProcess, startLines } from '../line-process.ts';

/** Each in a Python environment of its own, from the packages pinned in `<name>.txt`. */
export type PeerEnvironment = 'torch' | 'roboflow' | 'mlserver';

/**
 * Starts `<script>` of this folder with the environment's Python; libraries get `threads` threads and
 * no network. The environment is built on first use, in the user's cache folder, and says so.
 */
export async function startPeer(options: {
  readonly environment: PeerEnvironment;
  readonly script: string;
  readonly args: readonly string[];
  readonly threads: number;
}): Promise<LineProcess> {
  const python = await ensurePython(options.environment);
  return startLines([python, join(import.meta.dir, options.script), ...options.args], {
    OMP_NUM_THREADS: String(options.threads),
    CUDA_VISIBLE_DEVICES: '',
    YOLO_OFFLINE: 'true',
    YOLO_AUTOINSTALL: 'false',
  });
}

/** The environment's Python, with its packages installed. Throws where pip fails. */
export async function ensurePython(name: PeerEnvironment): Promise<string> {
  const requirements = join(import.meta.dir, `${name}.txt`);
  const key = new Bun.CryptoHasher('sha256').update(readFileSync(requirements)).digest('hex');
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'demeter');
  const folder = join(cache, `peers-${name}-${key.slice(0, 16)}`);
  const python = join(folder, 'bin/python');
  if (existsSync(python)) return python;
  console.error(`building ${folder} from bench/peers/${name}.txt, once; this takes minutes …`);
  // Aside and renamed, so that a broken build leaves nothing.
  const aside = `${folder}.${process.pid}`;
  try {
    await mustRun(['python3', '-m', 'venv', aside]);
    const pip = [join(aside, 'bin/python'), '-m', 'pip', 'install', '--quiet'];
    await mustRun([...pip, '--disable-pip-version-check', '--requirement', requirements]);
    renameSync(aside, folder);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return python;
}

async function mustRun(command: readonly string[]): Promise<void> {
  const child = Bun.spawn([...command], { stdout: 'ignore', stderr: 'inherit' });
  if ((await child.exited) !== 0) throw new Error(`${command.join(' ')} failed`);
}
