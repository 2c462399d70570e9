import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import type { RealServers } from '../system/environment.ts';
import { stamp } from '../system/pictures.ts';
import type { EdgeBox } from './edge/box.ts';
import { EdgeSystem } from './edge/edge-system.ts';
import { must } from './fault-case.ts';
import { leastSquares } from './slope.ts';

/** One photo a second, for 24 hours. */
export const DAY_PHOTOS = 86_400;
const HOURS = 24;
/** Caches, indexes and the compiler settle in these. */
const WARM_UP_HOURS = 6;
const SEND_MS = 60_000;
const DRAIN_MS = 3_600_000;
const PICTURE = { width: 400, height: 300 } as const;

interface Hour {
  readonly acceptMs: number;
  readonly residentMb: number;
}

/**
 * A day's photos, one after the other as fast as a real edge takes them, while it judges them and
 * sends them to a real core. Says how memory and the time of an accept move from hour to hour.
 */
export async function edgeDay(servers: RealServers, { photos }: { readonly photos: number }) {
  const system = new EdgeSystem(servers);
  let failed = true;
  try {
    await system.open();
    const box = await system.box('day');
    await box.start();
    const started = performance.now();
    const hours: Hour[] = [];
    const picture = await drawPicture();
    for (let hour = 0; hour < HOURS; hour++) {
      const [from, to] = [hour, hour + 1].map((at) => Math.round((at * photos) / HOURS));
      hours.push(await takePhotos(box, picture, from!, to!));
    }
    const acceptedS = (performance.now() - started) / 1000;
    const unsent = (await box.health()).unsent;
    await box.drained(DRAIN_MS);
    const [{ count }] = await system.sql`select count(*)::int as count from photos`;
    must(count === photos, `the centre has ${count} of ${photos} photos`);
    failed = false;
    return {
      photos,
      accepted_s: round(acceptedS),
      unsent_at_the_end_of_the_day: unsent,
      drained_s: round((performance.now() - started) / 1000 - acceptedS),
      drained_rss_mb: round(residentMb(box.pid)),
      accept_ms: describe(hours.map(({ acceptMs }) => acceptMs)),
      rss_mb: describe(hours.map(({ residentMb: mb }) => mb)),
    };
  } finally {
    await system.stop(failed);
    if (failed) console.error(`logs in ${system.folder}`);
  }
}

/** The medians of this many photos' accepts and of the memory meanwhile. Throws if one is refused. */
async function takePhotos(
  box: EdgeBox,
  picture: Uint8Array,
  from: number,
  to: number,
): Promise<Hour> {
  const [accepts, resident]: [number[], number[]] = [[], []];
  for (let number = from; number < to; number++) {
    const body = new Uint8Array(stamp(picture, `photo ${number} of a day`));
    const began = performance.now();
    const signal = AbortSignal.timeout(SEND_MS);
    const answer = await fetch(`${box.url}/photos`, { method: 'POST', body, signal });
    const said = await answer.text();
    accepts.push(performance.now() - began);
    must(answer.status === 201, `photo ${number} was answered ${answer.status}: ${said}`);
    if (number % 10 === 0) resident.push(residentMb(box.pid));
  }
  return { acceptMs: median(accepts), residentMb: median(resident) };
}

/** How a value moves from hour to hour: the line through the hours after the warm-up. */
function describe(hours: readonly number[]) {
  const steady = hours.slice(WARM_UP_HOURS);
  const points = steady.map((value, at): [number, number] => [at, value]);
  const { slope, plusMinus } = leastSquares(points);
  return {
    per_hour: round(slope),
    plus_minus_95: round(plusMinus),
    last_quarter_to_second: round(
      median(hours.slice(-WARM_UP_HOURS)) / median(hours.slice(WARM_UP_HOURS, 2 * WARM_UP_HOURS)),
    ),
    hours: hours.map(round),
  };
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

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

const round = (value: number) => Number(value.toFixed(3));
