import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { RealServers } from '../system/environment.ts';
import { stamp } from '../system/pictures.ts';
import { startBareWriter } from './bare-writer.ts';
import type { EdgeBox } from './edge/box.ts';
import { hashOf } from './edge/camera.ts';
import { EdgeSystem } from './edge/edge-system.ts';
import { must } from './fault-case.ts';
import { courseOf, median, rounded } from './flat.ts';

/** One photo a second, for 24 hours. */
export const DAY_PHOTOS = 86_400;
const HOURS = 24;
/** At once, so that a day is shorter; cameras of a greenhouse come together, too. */
const SENDERS = 4;
/** Of all photos, sent to the bare writer as well. */
const COMPARED_EVERY = 5;
const MEMORY_EVERY = 10;
const SEND_MS = 60_000;
/** Of the photos at the centre, read from its store and compared; the core has hashed each of them. */
const READ_BACK_EVERY = 50;
const PICTURE = { width: 400, height: 300 } as const;

/** In the last quarter of the day, of what it was in the second. */
const MEMORY_GROWTH_MAX = 1.1;
/** It may grow: beyond 300 MiB the edge starts another (edge/src/judge/judge-process.ts). */
const JUDGE_MB_MAX = 330;
/** As with 100,000 photos held, of an empty box. */
const ACCEPT_GROWTH_MAX = 1.2;

interface Hour {
  readonly acceptMs: number;
  /** Of the same bytes at the same time, hashed, written and flushed by a program that does no more. */
  readonly bareMs: number;
  readonly edgeMb: number;
  readonly judgeMb: number;
}

/**
 * A day's photos, as fast as a real edge takes them, while it judges them and sends them to a real
 * core. Says how memory and the time of an accept move from hour to hour, and whether both are flat.
 * In the end each photo is at the centre or held by the box: a day is over in less than an hour, and
 * a centre that one photo a second reaches needs no such hours.
 */
export async function edgeDay(servers: RealServers, { photos }: { readonly photos: number }) {
  const system = new EdgeSystem(servers);
  const bare = startBareWriter(join(system.folder, 'bare'));
  let failed = true;
  try {
    await system.open();
    const box = await system.box('day');
    await box.start();
    const started = performance.now();
    const day = new Day(box, bare.url, await drawPicture());
    const hours: Hour[] = [];
    for (let hour = 0; hour < HOURS; hour++) {
      const [from, to] = [hour, hour + 1].map((at) => Math.round((at * photos) / HOURS));
      const seen = await day.hour(from!, to!);
      hours.push(seen);
      console.error(`hour ${hour + 1} of ${HOURS}: ${told(seen)}`);
    }
    const acceptedS = (performance.now() - started) / 1000;
    const ledger = await requireAll(system, box, day.hashes);
    const course = (of: (hour: Hour) => number, growthMax: number) =>
      courseOf(hours.map(of), growthMax);
    const courses = {
      accept_ms: course(({ acceptMs }) => acceptMs, Number.POSITIVE_INFINITY),
      bare_ms: course(({ bareMs }) => bareMs, Number.POSITIVE_INFINITY),
      accept_to_bare: course(({ acceptMs, bareMs }) => acceptMs / bareMs, ACCEPT_GROWTH_MAX),
      rss_mb: course(({ edgeMb }) => edgeMb, MEMORY_GROWTH_MAX),
      judge_rss_mb: course(({ judgeMb }) => judgeMb, Number.POSITIVE_INFINITY),
    };
    const flat = Object.values(courses).every((one) => one.flat);
    const passed = flat && hours.every(({ judgeMb }) => judgeMb < JUDGE_MB_MAX);
    failed = !passed;
    return {
      passed,
      photos,
      accepted_s: rounded(acceptedS),
      ...ledger,
      ...courses,
    };
  } finally {
    await bare.stop();
    await system.stop(failed);
    if (failed) console.error(`logs in ${system.folder}`);
  }
}

function told({ acceptMs, bareMs, edgeMb, judgeMb }: Hour): string {
  const accept = `accept ${acceptMs.toFixed(1)} ms, bare ${bareMs.toFixed(1)} ms`;
  return `${accept}, edge ${edgeMb.toFixed(0)} MB, judge ${judgeMb.toFixed(0)} MB`;
}

class Day {
  readonly hashes = new Set<string>();

  constructor(
    private readonly box: EdgeBox,
    private readonly bareUrl: string,
    private readonly picture: Uint8Array,
  ) {}

  /** Photos of these numbers. Throws if one is refused. */
  async hour(from: number, to: number): Promise<Hour> {
    const [accepts, bares, edge, judge]: number[][] = [[], [], [], []];
    let next = from;
    const send = async () => {
      for (let number = next++; number < to; number = next++) {
        const body = new Uint8Array(stamp(this.picture, `photo ${number} of a day`));
        this.hashes.add(hashOf(body));
        accepts!.push(await timed(`${this.box.url}/photos`, body));
        if (number % COMPARED_EVERY === 0) bares!.push(await timed(this.bareUrl, body));
        if (number % MEMORY_EVERY > 0) continue;
        edge!.push(residentMb(this.box.pid));
        judge!.push(childrenMb(this.box.pid));
      }
    };
    await Promise.all(Array.from({ length: SENDERS }, send));
    return {
      acceptMs: median(accepts!),
      bareMs: median(bares!),
      edgeMb: median(edge!),
      judgeMb: median(judge!),
    };
  }
}

/** Milliseconds until it was answered with 201. */
async function timed(url: string, body: Uint8Array<ArrayBuffer>): Promise<number> {
  const began = performance.now();
  const signal = AbortSignal.timeout(SEND_MS);
  const answer = await fetch(url, { method: 'POST', body, signal });
  const said = await answer.text();
  must(answer.status === 201, `${url} answered ${answer.status}: ${said}`);
  return performance.now() - began;
}

/** The centre has them, and no others, or the box holds their bytes. Answers how many where. */
async function requireAll(system: EdgeSystem, box: EdgeBox, sent: ReadonlySet<string>) {
  const rows: { hash: string }[] = await system.sql`
    select encode(sha256, 'hex') as hash from photos`;
  const there = new Set(rows.map(({ hash }) => hash));
  for (const hash of there) must(sent.has(hash), `the centre has ${hash}, which nobody has sent`);
  const lost: string[] = [];
  let at_centre = 0;
  for (const hash of sent) {
    if (there.has(hash) && ++at_centre % READ_BACK_EVERY > 0) continue;
    const found = there.has(hash) ? (await system.atCentre(hash))?.bytes : box.spooled(hash);
    if (found === undefined || hashOf(found) !== hash) lost.push(hash);
  }
  must(lost.length === 0, `${lost.length} photos are lost or changed: ${lost.slice(0, 10)}`);
  return { at_centre, held: sent.size - at_centre };
}

async function drawPicture(): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 110, sigma: 40 } as const;
  return await sharp({ create: { ...PICTURE, channels: 3, background: '#3a7d2c', noise } })
    .jpeg({ quality: 60 })
    .toBuffer();
}

function residentMb(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (Number(found) * 1024) / 1e6;
}

/** Of its children together: the judge. One that has just ended counts nothing. */
function childrenMb(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
  return children.filter(Boolean).reduce((sum, child) => {
    try {
      return sum + (residentMb(Number(child)) || 0);
    } catch {
      return sum;
    }
  }, 0);
}
