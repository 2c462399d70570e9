import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { decidePlace, GPS_RADIUS_M, type GpsMatch } from './place-decision.ts';

const gps = (accuracyM: number | null, ...matches: GpsMatch[]) => ({ gps: { matches, accuracyM } });
const at = (locationId: string, distanceM: number): GpsMatch => ({
  locationId,
  contains: distanceM === 0,
  distanceM,
});
const id = fc.constantFrom('a', 'b', 'c', 'd');
const evidence = fc.record(
  {
    explicit: id,
    tags: fc.uniqueArray(id),
    camera: id,
    gps: fc.record({
      accuracyM: fc.option(fc.oneof(fc.double({ min: -5, max: 500 }), fc.constant(Number.NaN))),
      matches: fc.uniqueArray(
        fc.tuple(id, fc.double({ min: 0, max: 100, noNaN: true })).map(([l, d]) => at(l, d)),
        { selector: (match) => match.locationId },
      ),
    }),
  },
  { requiredKeys: [] },
);

describe('the place of a photo', () => {
  test('is one answer or candidates, and the answer is what some evidence says', () => {
    fc.assert(
      fc.property(evidence, (given) => {
        const { place, candidates } = decidePlace(given);
        if (place) expect(candidates).toEqual([]);
        const said = [
          given.explicit,
          given.camera,
          ...(given.tags ?? []),
          ...(given.gps?.matches ?? []).map((match) => match.locationId),
        ];
        for (const { locationId } of [...(place ? [place] : []), ...candidates]) {
          expect(said).toContain(locationId);
        }
        if (given.explicit)
          expect(place).toEqual({ locationId: given.explicit, source: 'explicit' });
        else if (given.tags?.length === 1) expect(place?.source).toBe('tag');
      }),
    );
  });

  test('by GPS is never one of two within the reported accuracy', () => {
    fc.assert(
      fc.property(evidence, (given) => {
        const { place } = decidePlace(given);
        if (place?.source !== 'gps') return;
        const reach = given.gps?.accuracyM || 0;
        const others = given.gps?.matches.filter((m) => m.locationId !== place.locationId) ?? [];
        for (const other of others) expect(other.distanceM).toBeGreaterThan(reach);
      }),
    );
  });

  test('is a tag before the camera, and the camera before GPS', () => {
    const all = { tags: ['t'], camera: 'c', ...gps(1, at('g', 0)) };
    expect(decidePlace(all).place).toEqual({ locationId: 't', source: 'tag' });
    expect(decidePlace({ ...all, tags: [] }).place?.source).toBe('camera');
    expect(decidePlace({ ...all, tags: [], camera: undefined }).place?.source).toBe('gps');
  });

  test('two tags are candidates, unless the camera looks at one of them', () => {
    expect(decidePlace({ tags: ['a', 'b'], ...gps(1, at('a', 0)) })).toEqual({
      place: null,
      candidates: [
        { locationId: 'a', source: 'tag', distanceM: null },
        { locationId: 'b', source: 'tag', distanceM: null },
      ],
    });
    expect(decidePlace({ tags: ['a', 'b'], camera: 'b' }).place?.locationId).toBe('b');
    expect(decidePlace({ tags: ['a', 'b'], camera: 'c' }).place).toBeNull();
  });

  test('is the nearest polygon within the radius, and none beyond it', () => {
    expect(decidePlace(gps(null, at('a', GPS_RADIUS_M))).place?.locationId).toBe('a');
    expect(decidePlace(gps(null, at('a', GPS_RADIUS_M + 0.1))).place).toBeNull();
  });

  test('two polygons that both contain the position are candidates', () => {
    expect(decidePlace(gps(null, at('a', 0), at('b', 0))).place).toBeNull();
  });
});
