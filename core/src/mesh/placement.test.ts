import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  NEAR,
  type PlacementNeed,
  placeAlone,
  placeLoad,
  placePhoto,
  type ServerView,
} from './placement.ts';

const PLANTS = { name: 'plants', version: '1', digest: 'aa' };
const OTHER = { name: 'plants', version: '1', digest: 'bb' };

const server = (id: string): fc.Arbitrary<ServerView> =>
  fc.record({
    serverId: fc.constant(id),
    ready: fc.boolean(),
    models: fc.constantFrom([PLANTS], [OTHER], [PLANTS, OTHER], []),
    loading: fc.constantFrom([], [], [PLANTS]),
    unloaded: fc.constantFrom([], [PLANTS], [OTHER]),
    credits: fc.integer({ min: 0, max: 4 }),
    inFlight: fc.integer({ min: 0, max: 4 }),
    reserved: fc.boolean(),
    admits: fc.boolean(),
    tilesPerSecond: fc.integer({ min: 0, max: 50 }),
    freeBytes: fc.integer({ min: 0, max: 9 }),
  });
const servers = fc.tuple(server('a'), server('b'), server('c'), server('d'));
const random = fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true }));
const names = fc.subarray(['a', 'b', 'c', 'd']);
const need: PlacementNeed = { models: [PLANTS], failedOn: [] };
const able = (s: ServerView) => s.ready && s.models.includes(PLANTS);
const free = (s: ServerView) => able(s) && s.admits && !s.reserved && s.credits > 0;

const calm: ServerView = {
  serverId: 'a',
  ready: true,
  models: [PLANTS],
  loading: [],
  unloaded: [],
  credits: 4,
  inFlight: 0,
  reserved: false,
  admits: true,
  tilesPerSecond: 10,
  freeBytes: 0,
};

describe('placement', () => {
  test('takes a server that can, whose wait is close to the least', () => {
    const wait = (s: ServerView) => (s.inFlight + 1) / s.tilesPerSecond;
    fc.assert(
      fc.property(servers, random, (all, stream) => {
        const measured = all.map((s) => ({ ...s, tilesPerSecond: s.tilesPerSecond + 1 }));
        const placed = placePhoto(need, measured, () => stream.next().value!);
        const candidates = measured.filter(free);
        if (placed.kind === 'server') {
          const chosen = candidates.find((s) => s.serverId === placed.serverId)!;
          const least = Math.min(...candidates.map(wait));
          expect(wait(chosen)).toBeLessThanOrEqual(least * NEAR * (1 + 1e-9));
        } else {
          expect(candidates).toEqual([]);
          expect(placed.kind).toBe(all.some(able) ? 'busy' : 'no_model');
        }
      }),
    );
  });

  test('a server twice as fast gets twice as much before another one is better', () => {
    const fast = { ...calm, tilesPerSecond: 20 };
    const slow = { ...calm, serverId: 'b' };
    const share = (inFlight: number) => placePhoto(need, [{ ...fast, inFlight }, slow]);
    expect(share(0)).toMatchObject({ serverId: 'a' });
    expect(share(2)).toMatchObject({ serverId: 'b' });
  });

  test('two of the equal are drawn and the better one taken, so that none gets all', () => {
    const equal = ['a', 'b', 'c', 'd'].map((serverId) => ({ ...calm, serverId }));
    const drawn = (a: number, b: number) => {
      const draws = [a, b];
      return placePhoto(need, equal, () => draws.shift()!);
    };
    const chosen = [0, 0.3, 0.6, 0.9].map((x) => drawn(x, 0));
    expect(new Set(chosen.map((one) => JSON.stringify(one))).size).toBe(4);
    const busier = equal.map((s) => (s.serverId === 'a' ? { ...s, tilesPerSecond: 9 } : s));
    const draws = [0, 0];
    expect(placePhoto(need, busier, () => draws.shift()!)).toMatchObject({ serverId: 'b' });
  });

  test('goes where the site was last, as long as that costs no wait', () => {
    const other = { ...calm, serverId: 'b' };
    const prefers = { ...need, preferred: 'b' };
    for (const draw of [0, 0.99]) {
      expect(placePhoto(prefers, [calm, other], () => draw)).toMatchObject({ serverId: 'b' });
      const busy = { ...other, inFlight: 1 };
      expect(placePhoto(prefers, [calm, busy], () => draw)).toMatchObject({ serverId: 'a' });
    }
  });

  test('avoids servers that failed the photo as long as another one can', () => {
    fc.assert(
      fc.property(servers, names, (all, failedOn) => {
        const placed = placePhoto({ ...need, failedOn }, all);
        if (placed.kind !== 'server' || !failedOn.includes(placed.serverId)) return;
        expect(all.filter((s) => free(s) && !failedOn.includes(s.serverId))).toEqual([]);
      }),
    );
  });

  test('a photo that must run alone may wait for a server without credits, never for a kept one', () => {
    fc.assert(
      fc.property(servers, (all) => {
        const placed = placeAlone(need, all);
        if (placed.kind !== 'server') return;
        const chosen = all.find((s) => s.serverId === placed.serverId);
        expect(chosen && able(chosen) && chosen.admits && !chosen.reserved).toBe(true);
      }),
    );
  });

  test('a photo that must run alone waits for a server that it has not failed on', () => {
    fc.assert(
      fc.property(servers, names, (all, failedOn) => {
        const placed = placeAlone({ ...need, failedOn }, all);
        if (placed.kind !== 'server' || !failedOn.includes(placed.serverId)) return;
        const admitting = all.filter((s) => able(s) && s.admits);
        expect(admitting.every((s) => failedOn.includes(s.serverId))).toBe(true);
      }),
    );
  });
});

describe('where a model is loaded', () => {
  const options = fc.record({ bytes: fc.integer({ min: 0, max: 9 }), evict: fc.boolean() });
  const may = (s: ServerView) => s.ready && s.admits && !s.reserved && !s.models.includes(PLANTS);

  test('asks one server that has the file and not the model, and none while one is at it', () => {
    fc.assert(
      fc.property(servers, options, (all, given) => {
        const choice = placeLoad(need, all, given);
        const atIt = all.some((s) => may(s) && s.loading.includes(PLANTS));
        expect(choice.kind === 'loading').toBe(atIt);
        if (choice.kind !== 'load') return;
        const chosen = all.find((s) => s.serverId === choice.serverId)!;
        expect(may(chosen) && chosen.unloaded.includes(PLANTS)).toBe(true);
        expect(choice.models).toEqual([PLANTS]);
        if (!given.evict) expect(chosen.freeBytes).toBeGreaterThanOrEqual(given.bytes);
      }),
    );
  });

  test('prefers where it fits, then the most free memory; every core chooses the same', () => {
    fc.assert(
      fc.property(servers, options, (all, given) => {
        const choice = placeLoad(need, all, given);
        expect(placeLoad(need, all.toReversed(), given)).toEqual(choice);
        if (choice.kind !== 'load') return;
        const others = all.filter((s) => may(s) && s.unloaded.includes(PLANTS));
        const most = Math.max(...others.map((s) => s.freeBytes));
        const chosen = all.find((s) => s.serverId === choice.serverId)!;
        expect(chosen.freeBytes).toBe(most);
      }),
    );
  });

  test('says so where nobody has the file', () => {
    expect(placeLoad(need, [{ ...calm, models: [] }], { bytes: 0, evict: true })).toEqual({
      kind: 'none',
    });
  });
});
