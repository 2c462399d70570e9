import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Camera } from '../edge/camera.ts';
import { requireLedger } from '../edge/ledger.ts';
import { must } from '../fault-case.ts';
import type { LinkCase } from './link-system.ts';
import { addressOf, type SeenRequest } from './meddler.ts';
import { PacketLoss } from './packet-loss.ts';
import type { Toxic } from './toxiproxy.ts';

const ROUND_TRIP_MS = 2_000;
const QUICK_ROUND_TRIP_MS = 600;
/**
 * Of the link, in each direction, in kilobytes per second: 64 kbit/s; for large photos 2 Mbit/s, for
 * a slice 1 Mbit/s.
 */
const SLOW_KB = 8;
const LARGE_KB = 250;
const QUICK_KB = 125;
/** Above the size from which photos travel in parts. */
const LARGE_BYTES = 12_000_000;
/** On the way to core and store, and on the way back. */
const LOST_PERCENT = 30;
const LOSSY_PHOTOS = 3;
const SENDS_MAX = 3;
const DRAIN_MS = 1_800_000;

function slow(rate: number, roundTripMs = ROUND_TRIP_MS): readonly Toxic[] {
  const latency = roundTripMs / 2;
  return (['upstream', 'downstream'] as const).flatMap((stream): Toxic[] => [
    { type: 'latency', stream, attributes: { latency, jitter: latency / 10 } },
    { type: 'bandwidth', stream, attributes: { rate } },
  ]);
}

/** How often what was put most often was put. */
function sendsMax(requests: readonly SeenRequest[]): number {
  const puts = requests.filter(({ method }) => method === 'PUT');
  const groups = Map.groupBy(puts, ({ path }) => addressOf(path));
  return Math.max(0, ...[...groups.values()].map((group) => group.length));
}

export const slowAndLossy: LinkCase = {
  number: 14,
  title: '64 kbit/s, 2 s round trip, 30 % of packets lost, puts cut: no part is sent over 3 times',
  seconds: 900,
  run: async (system, { seed, quick }) => {
    const camera = await Camera.create(seed);
    const box = await system.farBox('slow');
    const before = system.store.meddler.requests.length;
    await system.mend();
    await box.start();
    const send = async (photos: number, bytesMin = 0) => {
      for (let photo = 0; photo < photos; photo++) await camera.shoot(box, bytesMin);
      await box.drained(DRAIN_MS);
    };
    await system.setToxics(quick ? slow(QUICK_KB, QUICK_ROUND_TRIP_MS) : slow(SLOW_KB));
    const cut = { kind: 'cut-third', to: /^PUT /, afterBytes: 20_000 } as const;
    system.store.meddler.set(cut);
    await send(quick ? 2 : 8);
    let lost = 0;
    if (!quick) {
      await system.setToxics(slow(LARGE_KB));
      system.store.meddler.set({ ...cut, afterBytes: 2_000_000 });
      await send(2, LARGE_BYTES);
      system.store.meddler.set({ kind: 'pass' });
      await system.setToxics(slow(SLOW_KB));
      using loss = PacketLoss.on(system.address, LOST_PERCENT);
      await send(LOSSY_PHOTOS);
      lost = loss.packets;
      must(lost > 0, 'packets were lost');
    }
    const requests = system.store.meddler.requests.slice(before);
    const sends = sendsMax(requests);
    must(sends <= SENDS_MAX, `a part was sent ${sends} times`);
    const parts = requests.filter(({ path }) => path.includes('partNumber=')).length;
    await system.mend();
    const ledger = await requireLedger(system, camera, box);
    await box.stop();
    return { sends_max: sends, puts_of_parts: parts, packets_lost: lost, ...ledger };
  },
};

const MBIT = 1;
const BYTES_A_MS = (MBIT * 1e6) / 8_000;
const WINDOW_MS = 300_000;
const SHARE_MAX = 1.05;
const PHOTO_BYTES = 1_000_000;
/** One photo of 8 s: the second that a link may save up is a seventh of its time. */
const QUICK_SHARE_MAX = 1.3;
/** Of the heartbeats while photos wait for the cap. */
const HEARTBEAT_GAP_S_MAX = 90;

export const capped: LinkCase = {
  number: 19,
  title: 'a cap of 1 Mbit/s: no five minutes’ average above 105 %, heartbeats at most 90 s apart',
  seconds: 420,
  run: async (system, { seed, quick }) => {
    const camera = await Camera.create(seed);
    const file = join(mkdtempSync(join(system.folder, 'capped-')), 'edge.yaml');
    writeFileSync(file, `forwarding:\n  mbit_per_second_max: ${MBIT}\n`);
    const box = await system.farBox('capped', { DEMETER_EDGE_CONFIG: file });
    await system.mend();
    await box.start();
    const lines = [system.core.meddler, system.store.meddler];
    const started = performance.now();
    const photos = quick ? 1 : Math.ceil((1.2 * BYTES_A_MS * WINDOW_MS) / PHOTO_BYTES);
    for (let photo = 0; photo < photos; photo++) await camera.shoot(box, PHOTO_BYTES);
    await box.drained(DRAIN_MS);
    const tookMs = performance.now() - started;
    const sent = lines
      .flatMap((meddler) => meddler.sent)
      .filter(({ at }) => at >= started)
      .sort((a, b) => a.at - b.at);
    // Of a slice its whole time, which a busy machine only makes longer.
    const windowMs = quick ? tookMs : WINDOW_MS;
    const share = worstWindow(sent, windowMs) / (BYTES_A_MS * windowMs);
    must(
      share <= (quick ? QUICK_SHARE_MAX : SHARE_MAX),
      `${(share * 100).toFixed(0)} % of the cap were used`,
    );
    const beats = system.core.meddler.requests
      .filter(({ at, path }) => at >= started && path.endsWith('/edge/heartbeat'))
      .map(({ at }) => at);
    const gaps = beats.slice(1).map((at, index) => (at - beats[index]!) / 1000);
    const gap = Math.max(0, ...gaps);
    must(quick || beats.length > 1, 'heartbeats come while photos wait');
    must(quick || gap <= HEARTBEAT_GAP_S_MAX, `no heartbeat for ${gap.toFixed(0)} s`);
    const ledger = await requireLedger(system, camera, box);
    await box.stop();
    const percent = Number((share * 100).toFixed(1));
    const telemetry = { heartbeats: beats.length, heartbeat_gap_s_max: Number(gap.toFixed(1)) };
    return {
      percent_of_cap_max: percent,
      seconds: Math.round(tookMs / 1000),
      ...telemetry,
      ...ledger,
    };
  },
};

/** Most bytes of any window. */
function worstWindow(sent: readonly { at: number; bytes: number }[], windowMs: number): number {
  let worst = 0;
  let sum = 0;
  let first = 0;
  for (const { at, bytes } of sent) {
    sum += bytes;
    while (at - sent[first]!.at > windowMs) sum -= sent[first++]!.bytes;
    worst = Math.max(worst, sum);
  }
  return worst;
}
