import { expect, test } from 'bun:test';
import { mergeConfigurations } from './merge.ts';

test('keys of the box go over those of the group; policies and timetables as a whole', () => {
  const group = {
    time_zone: 'Europe/Berlin',
    thresholds: { dark: 1, bright: 2 },
    policies: { poor: { forward: 'hold', keep_days: 3 } },
    cameras: { a: { thresholds: { dark: 3 }, timetable: { every: '15m', time_zone: 'UTC' } } },
  } as const;
  const own = {
    thresholds: { dark: 5 },
    policies: { poor: { forward: 'now' } },
    forwarding: { gb_per_month_max: 4 },
    cameras: { a: { timetable: { every: '1h' } }, b: { thresholds: { empty: 0.5 } } },
  } as const;
  expect(mergeConfigurations(structuredClone(group), structuredClone(own))).toEqual({
    time_zone: 'Europe/Berlin',
    thresholds: { dark: 5, bright: 2 },
    policies: { poor: { forward: 'now' } },
    forwarding: { gb_per_month_max: 4 },
    cameras: {
      a: { thresholds: { dark: 3 }, timetable: { every: '1h' } },
      b: { thresholds: { empty: 0.5 } },
    },
  });
  expect(mergeConfigurations({}, {})).toEqual({});
});
