import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { LANE_BULK } from './lanes.ts';
import { FIRST_TURN, LOWER_LANE_EVERY, takeTurns, type WaitingSite } from './turns.ts';

const waiting = fc.uniqueArray(
  fc.record({
    lane: fc.integer({ min: 0, max: 3 }),
    site: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    ready: fc.integer({ min: 0, max: 20 }),
  }),
  { selector: ({ lane, site }) => `${lane} ${site}` },
);
const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

describe('turns of lanes and sites', () => {
  test('lease as many as asked for or as there are, and no more than a site has', () => {
    fc.assert(
      fc.property(waiting, fc.integer({ min: 0, max: 60 }), (sites, wanted) => {
        const { turns } = takeTurns(sites, wanted, FIRST_TURN);
        const ready = sum(sites.map((site) => site.ready));
        expect(sum(turns.map((turn) => turn.runs))).toBe(Math.min(wanted, ready));
        for (const turn of turns) {
          const site = sites.find((s) => s.lane === turn.lane && s.site === turn.site);
          expect(turn.runs).toBeLessThanOrEqual(site?.ready ?? 0);
        }
      }),
    );
  });

  test('sites of one lane that have enough differ by one lease at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: 40 }), (n, wanted) => {
        const sites = Array.from({ length: n }, (_, i) => ({ lane: 0, site: `s${i}`, ready: 50 }));
        const { turns } = takeTurns(sites, wanted, FIRST_TURN);
        const runs = sites.map((s) => turns.find((t) => t.site === s.site)?.runs ?? 0);
        expect(Math.max(...runs) - Math.min(...runs)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('one lease at a time goes round the sites', () => {
    const sites: WaitingSite[] = ['b', 'a', 'c'].map((site) => ({ lane: 0, site, ready: 9 }));
    let state = FIRST_TURN;
    const served: string[] = [];
    for (let i = 0; i < 6; i++) {
      const round = takeTurns(sites, 1, state);
      state = round.state;
      served.push(round.turns[0]?.site ?? '');
    }
    expect(served).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
  });

  test('the bulk lane gets no more than it may, and the others are not held up by it', () => {
    fc.assert(
      fc.property(waiting, fc.nat({ max: 60 }), fc.nat({ max: 60 }), (sites, wanted, bulkMax) => {
        const { turns } = takeTurns(sites, wanted, FIRST_TURN, bulkMax);
        const isBulk = ({ lane }: { lane: number }) => lane >= LANE_BULK;
        const bulk = sum(turns.filter(isBulk).map((turn) => turn.runs));
        const ready = (which: typeof sites) => sum(which.map((site) => site.ready));
        expect(bulk).toBeLessThanOrEqual(bulkMax);
        const most = Math.min(bulkMax, ready(sites.filter(isBulk)));
        const others = ready(sites.filter((site) => !isBulk(site)));
        expect(sum(turns.map((turn) => turn.runs))).toBe(Math.min(wanted, others + most));
      }),
    );
  });

  test('a busy live lane leaves one lease in eight to the backlog', () => {
    const sites: WaitingSite[] = [
      { lane: 0, site: 'a', ready: 1000 },
      { lane: 1, site: 'a', ready: 1000 },
    ];
    let state = FIRST_TURN;
    let backlog = 0;
    for (let i = 0; i < 10 * LOWER_LANE_EVERY; i++) {
      const round = takeTurns(sites, 1, state);
      state = round.state;
      if (round.turns[0]?.lane === 1) backlog++;
    }
    expect(backlog).toBe(10);
  });
});
