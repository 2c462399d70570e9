import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { type PlacementNeed, placeAlone, placePhoto, type ServerView } from './placement.ts';

const PLANTS = { name: 'plants', version: '1', digest: 'aa' };
const OTHER = { name: 'plants', version: '1', digest: 'bb' };

const server = (id: string): fc.Arbitrary<ServerView> =>
  fc.record({
    serverId: fc.constant(id),
    ready: fc.boolean(),
    models: fc.constantFrom([PLANTS], [OTHER], [PLANTS, OTHER], []),
    credits: fc.integer({ min: 0, max: 4 }),
    inFlight: fc.integer({ min: 0, max: 4 }),
    reserved: fc.boolean(),
    admits: fc.boolean(),
    tilesPerSecond: fc.integer({ min: 0, max: 50 }),
  });
const servers = fc.tuple(server('a'), server('b'), server('c'), server('d'));
const need: PlacementNeed = { models: [PLANTS], failedOn: [] };
const able = (s: ServerView) => s.ready && s.models.includes(PLANTS);
const free = (s: ServerView) => able(s) && s.admits && !s.reserved && s.credits > 0;

describe('placement', () => {
  test('takes a server that can, and of those the one with the least under way', () => {
    fc.assert(
      fc.property(servers, (all) => {
        const placed = placePhoto(need, all);
        const candidates = all.filter(free);
        if (placed.kind === 'server') {
          const chosen = candidates.find((s) => s.serverId === placed.serverId);
          expect(chosen?.inFlight).toBe(Math.min(...candidates.map((s) => s.inFlight)));
        } else {
          expect(candidates).toEqual([]);
          expect(placed.kind).toBe(all.some(able) ? 'busy' : 'no_model');
        }
      }),
    );
  });

  test('avoids servers that failed the photo as long as another one can', () => {
    fc.assert(
      fc.property(servers, fc.subarray(['a', 'b', 'c', 'd']), (all, failedOn) => {
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
      fc.property(servers, fc.subarray(['a', 'b', 'c', 'd']), (all, failedOn) => {
        const placed = placeAlone({ ...need, failedOn }, all);
        if (placed.kind !== 'server' || !failedOn.includes(placed.serverId)) return;
        const admitting = all.filter((s) => able(s) && s.admits);
        expect(admitting.every((s) => failedOn.includes(s.serverId))).toBe(true);
      }),
    );
  });
});
