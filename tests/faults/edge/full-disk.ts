import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must, seededRandom } from '../fault-case.ts';
import { until } from '../until.ts';
import type { EdgeBox } from './box.ts';
import { Camera, type EdgeAnswer } from './camera.ts';
import type { EdgeCase } from './edge-case.ts';
import { requireLedger } from './ledger.ts';
import { LoopDisk } from './loop-disk.ts';

const ROUNDS = 12;
const REFUSED_MIN = 3;
const CHUNK_BYTES = 64 * 1024;
/** What a photo of these cases, its sidecar and its row take, and somewhat more. */
const LEFT_BYTES_MAX = 300_000;

/** A disk that other files fill and leave. */
class CrowdedDisk {
  readonly #ballast: string;

  constructor(private readonly disk: LoopDisk) {
    this.#ballast = join(disk.path, 'ballast');
  }

  /** Other files take all bytes but these. */
  fillBytes(leftBytes: number): void {
    mkdirSync(this.#ballast, { recursive: true });
    const chunk = Buffer.alloc(CHUNK_BYTES, 1);
    for (let number = 0; this.#free() > leftBytes; number++) {
      const size = Math.min(CHUNK_BYTES, this.#free() - leftBytes);
      if (!tryToWrite(join(this.#ballast, `${number}`), chunk.subarray(0, size))) break;
    }
  }

  /** Other files take all inodes. */
  fillInodes(): void {
    mkdirSync(this.#ballast, { recursive: true });
    for (let number = 0; tryToWrite(join(this.#ballast, `i${number}`), ''); number++);
  }

  free(): void {
    rmSync(this.#ballast, { recursive: true, force: true });
  }

  /** Root may also write what ext4 keeps back for it. */
  #free(): number {
    const { bfree, bsize } = statfsSync(this.disk.path);
    return bfree * bsize;
  }
}

function tryToWrite(path: string, content: Uint8Array | string): boolean {
  try {
    writeFileSync(path, content);
    return true;
  } catch {
    return false;
  }
}

export const fullDisk: EdgeCase = {
  number: 4,
  title: 'no bytes and no inodes left, before and during an upload: 507, and it recovers unaided',
  seconds: 120,
  run: async (system, { seed, quick }) => {
    const random = seededRandom(seed);
    const camera = await Camera.create(seed);
    const folder = mkdtempSync(join(system.folder, 'full-'));
    await using disk = LoopDisk.create(folder, { megabytes: 40, inodes: 700 });
    const crowded = new CrowdedDisk(disk);
    const box = await system.box('full', { data: join(disk.path, 'data') });
    await box.start();
    const refused = { bytes: 0, inodes: 0, during: 0 };
    for (let round = 0; round < (quick ? 1 : ROUNDS); round++) {
      await camera.shoot(box);
      crowded.fillBytes(0);
      refused.bytes += await untilRefused(camera, box);
      await requireAlarm(box, true);
      await recovers(camera, box, crowded);
      await requireAlarm(box, false);

      crowded.fillInodes();
      refused.inodes += await untilRefused(camera, box);
      await requireAlarm(box, true);
      await recovers(camera, box, crowded);
      await requireAlarm(box, false);

      // Spool, sidecar or the journal's log: whatever comes first finds no room.
      const left = Math.floor(random() * LEFT_BYTES_MAX);
      const answer = await camera.sendInHalves(box, camera.take(), async () =>
        crowded.fillBytes(left),
      );
      if (isRefusal(answer)) refused.during++;
      await recovers(camera, box, crowded);
    }
    const ledger = await requireLedger(system, camera, box);
    await box.stop();
    return { refused_by_what_is_full: refused, ...ledger };
  },
};

/** Photos that are refused one after the other. Answers how many. */
async function untilRefused(camera: Camera, box: EdgeBox): Promise<number> {
  let refused = 0;
  for (let photo = 0; refused < REFUSED_MIN; photo++) {
    must(photo < 20, 'a full disk takes photos');
    const answer = await camera.send(box, camera.take());
    if (isRefusal(answer)) refused++;
  }
  return refused;
}

/** The box tells of it, until a photo is taken again. */
async function requireAlarm(box: EdgeBox, open: boolean): Promise<void> {
  const { alarms } = await box.health();
  must(alarms.includes('no_room') === open, `the alarms of a disk with room or without: ${alarms}`);
}

/** A full disk says 507; nothing else but an acceptance will do. */
function isRefusal(answer: EdgeAnswer | undefined): boolean {
  // An answer that comes before all bytes were sent may be lost with the connection.
  if (answer === undefined || answer.status < 300) return false;
  const said = `${answer.status} ${answer.body.code}`;
  must(said === '507 STORAGE_FULL', `a full disk is answered with ${said}`);
  return true;
}

/** With room again the same process takes what the camera still has. */
async function recovers(camera: Camera, box: EdgeBox, crowded: CrowdedDisk): Promise<void> {
  crowded.free();
  await until('photos are taken again', async () => (await box.health()).status !== 'unhealthy');
  await camera.sendKept(box);
}
