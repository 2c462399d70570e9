import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { must, seededRandom } from '../fault-case.ts';
import { requireTool } from '../tools.ts';
import { until } from '../until.ts';
import type { EdgeBox } from './box.ts';
import { Camera, hashOf } from './camera.ts';
import { DEAD_LINK, type EdgeCase } from './edge-case.ts';
import type { EdgeSystem } from './edge-system.ts';
import { requireLedger } from './ledger.ts';

const ROUNDS = 8;
/** Half of them are spoilt, the sidecars of the others. */
const PHOTOS = 6;
/** strace counts the calls of each thread by itself; a photo takes three or four in all. */
const FAILS_FROM_MAX = 4;
const FAILS_EVERY = 5;
/** An edge whose journal cannot be written does not start: a later call fails then. */
const STARTS_MAX = 10;
/** How such a start ends. */
const SENTENCE = /^STORAGE_FAILED: The disk of the edge failed \(\w+\)\./m;

export const badDisk: EdgeCase = {
  number: 6,
  title: 'failing fsyncs, torn and flipped bytes: nothing acknowledged unsafely, found, kept, told',
  seconds: 200,
  run: async (system, { seed, quick }) => {
    const random = seededRandom(seed);
    const camera = await Camera.create(seed);
    const rounds = quick ? 1 : ROUNDS;
    const box = await system.box('bad-disk');
    let failed = 0;
    for (let round = 0; round < rounds; round++) {
      failed += await shootWithFailingSyncs(camera, box, random);
    }
    await box.start();
    const ledger = await requireLedger(system, camera, box);
    await box.stop();
    const rotten = await rot(system, seed, rounds, random);
    return { rounds, refused_for_failing_syncs: failed, ...ledger, ...rotten };
  },
};

/** EIO from fsync, of photos, sidecars, folders and the journal alike. Answers how many it met. */
async function shootWithFailingSyncs(
  camera: Camera,
  box: EdgeBox,
  random: () => number,
): Promise<number> {
  const strace = requireTool('strace');
  const calls = 'fsync,fdatasync';
  const options = ['-f', '-qq', '-o', '/dev/null', '--seccomp-bpf', '-e', `trace=${calls}`];
  // A journal that is there is opened with few calls.
  await box.start();
  await box.stop();
  let from = 1 + Math.floor(random() * FAILS_FROM_MAX);
  for (let starts = 0; !box.isRunning; from++) {
    must(++starts < STARTS_MAX, 'the edge starts on a disk that fails now and then');
    const inject = `inject=${calls}:error=EIO:when=${from}+${FAILS_EVERY}`;
    await box.start({ wrap: [strace, ...options, '-e', inject] }).catch((error: Error) => {
      const log = String(error);
      const ended = log.includes('did not start');
      must(!ended || SENTENCE.test(log), `a disk that fails at the start is no sentence: ${log}`);
    });
  }
  let failed = 0;
  for (let photo = 0; photo < 2 * PHOTOS; photo++) {
    const answer = await camera.send(box, camera.take());
    if (answer === undefined || answer.status < 300) continue;
    const said = `${answer.status} ${answer.body.code}`;
    must(said === '503 STORAGE_FAILED', `a failing disk is answered with ${said}`);
    failed++;
  }
  must(failed > 0, 'a sync has failed');
  const { status, alarms } = await box.health();
  must(status === 'unhealthy' && alarms.includes('disk_failed'), `told: ${status} ${alarms}`);
  await box.kill();
  return failed;
}

/** What an old disk does to bytes while the box is off. */
const ROTS = {
  flipped: (path: string, random: () => number) => {
    const bytes = readFileSync(path);
    const at = Math.floor(random() * bytes.length);
    bytes[at] = bytes[at]! ^ (1 << Math.floor(random() * 8));
    writeFileSync(path, bytes);
  },
  torn: (path: string, random: () => number) =>
    truncateSync(path, Math.floor(random() * readFileSync(path).length)),
  zeroed: (path: string) => {
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.fill(0, Math.floor(bytes.length / 2)));
  },
} as const;

/** Spoilt photos are found before they count as sent, quarantined, told, and stay on the disk. */
async function rot(system: EdgeSystem, seed: number, rounds: number, random: () => number) {
  const camera = await Camera.create(seed, 'rot');
  const box = await system.box('rot');
  const spoilt = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    await box.start({ env: DEAD_LINK });
    const hashes: string[] = [];
    for (let photo = 0; photo < PHOTOS; photo++) {
      const bytes = camera.take();
      await camera.send(box, bytes);
      hashes.push(hashOf(bytes));
    }
    const judged = async (hash: string) => (await box.photo(hash))?.verdict !== null;
    await until('photos are judged', async () =>
      (await Promise.all(hashes.map(judged))).every(Boolean),
    );
    await box.kill();
    for (const [index, spoil] of Object.values(ROTS).entries()) {
      spoil(box.pathOf(hashes[index]!), random);
      spoilt.add(hashes[index]!);
      // Of others the sidecars: the journal knows all that stands in them.
      const sound = hashes[index + Object.keys(ROTS).length]!;
      for (const sidecar of box.sidecarsOf(sound)) spoil(sidecar, random);
    }
    await box.start();
    const found = async (hash: string) => (await box.photo(hash))?.quarantined !== null;
    await until('spoilt photos are quarantined', async () =>
      (await Promise.all([...spoilt].map(found))).every(Boolean),
    );
    const { alarms } = await box.health();
    must(alarms.includes('bytes_changed'), `spoilt bytes raise no alarm: ${alarms}`);
    await box.stop();
  }
  await box.start();
  const sent = async () => (await box.health()).unsent === spoilt.size;
  await until('all others are sent', sent);
  const ledger = await requireLedger(system, camera, box, { spoilt });
  await box.stop();
  return { spoilt: ledger.spoilt, sound: ledger.at_centre };
}
