import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../paths.ts';
import { bad, type Finding, note, ok } from './finding.ts';

const GIB = 1024 ** 3;
/** What the README asks for; the embedded database alone takes up to 1.6 GB. */
const MEMORY_MIN = 3.5 * GIB;
const DISK_MIN = 2 * GIB;

/** The machine itself: Bun, cores, memory, disk, page, GPU. */
export function examineMachine(): Finding[] {
  return [bunVersion(), cores(), memory(), disk(), page(), gpu()];
}

function bunVersion(): Finding {
  const wanted = (
    JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { packageManager: string }
  ).packageManager.replace('bun@', '');
  return Bun.version === wanted
    ? ok('Bun', wanted)
    : note('Bun', `${Bun.version}, developed with ${wanted}`, `use npx --yes bun@${wanted}`);
}

function cores(): Finding {
  const count = availableParallelism();
  return count >= 2 ? ok('cores', String(count)) : note('cores', `${count}; 2 are meant`);
}

function memory(): Finding {
  const says = `${(totalmem() / GIB).toFixed(1)} GiB`;
  return totalmem() >= MEMORY_MIN ? ok('memory', says) : note('memory', `${says}; 4 are meant`);
}

function disk(): Finding {
  const { bavail, bsize } = statfsSync(ROOT);
  const says = `${((bavail * bsize) / GIB).toFixed(1)} GiB free`;
  return bavail * bsize >= DISK_MIN
    ? ok('disk', says)
    : bad('disk', says, 'free space: photos and the database are kept here');
}

function page(): Finding {
  return existsSync(join(ROOT, 'web/dist/index.html'))
    ? ok('page', 'built')
    : note('page', 'not built', 'bun web/build.ts (demo and dev do it themselves)');
}

function gpu(): Finding {
  return existsSync('/proc/driver/nvidia/version')
    ? ok('GPU', 'an NVIDIA driver is there; each model below says what it runs on')
    : ok('GPU', 'none; counting on the CPU');
}
