import { describe, expect, test } from 'bun:test';
import { AppError } from '@demeter/common/errors';
import type { ReprocessOptions__Output } from '@demeter/proto';
import fc from 'fast-check';
import { type Limits, parseLimits, pauseReason } from './limits.ts';

const options = (given: Partial<ReprocessOptions__Output>): ReprocessOptions__Output => ({
  ...{ model: '', tiling: '', server_minutes_max: 0, deadline: '', hours: '', time_zone: '' },
  masks: false,
  ...given,
});
const reasonAt = (limits: Limits, time: string, serverMs = 0) =>
  pauseReason(limits, { serverMs, serverMsMax: 60_000, now: new Date(time) });

describe('limits of a reprocessing', () => {
  test('are none where none are asked for', () => {
    expect(parseLimits(options({}))).toEqual({});
    expect(reasonAt({}, '2026-01-15T03:00:00Z')).toBeNull();
  });

  test.each([
    ['hours', { hours: '8-20' }],
    ['hours', { hours: '25:00-06:00' }],
    ['hours', { hours: '08:00-08:00' }],
    ['time_zone', { time_zone: 'Europe/Atlantis' }],
    ['deadline', { deadline: 'tomorrow' }],
    ['deadline', { deadline: '2026-01-15T20:00:00' }],
    ['server_minutes_max', { server_minutes_max: -1 }],
    ['server_minutes_max', { server_minutes_max: Number.NaN }],
  ])('that are wrong are refused: %s %p', (field, given) => {
    try {
      parseLimits(options(given));
      throw new Error('taken');
    } catch (error) {
      expect(error).toBeInstanceOf(AppError);
      expect((error as AppError).field).toBe(field);
    }
  });

  test('of the day follow the zone, summer time included', () => {
    const limits = parseLimits(options({ hours: '20:00-06:00', time_zone: 'Europe/Madrid' }));
    // UTC+1 in winter, UTC+2 in summer.
    expect(reasonAt(limits, '2026-01-15T18:59:00Z')).toBe('hours');
    expect(reasonAt(limits, '2026-01-15T19:00:00Z')).toBeNull();
    expect(reasonAt(limits, '2026-07-15T18:00:00Z')).toBeNull();
    expect(reasonAt(limits, '2026-07-15T04:00:00Z')).toBe('hours');
  });

  test('of the day and their opposite share the day between them', () => {
    const minute = fc.integer({ min: 0, max: 1439 });
    fc.assert(
      fc.property(minute, minute, minute, (from, to, at) => {
        fc.pre(from !== to);
        const now = new Date(Date.UTC(2026, 0, 15, 0, at)).toISOString();
        const works = (hours: { from: number; to: number }) => reasonAt({ hours }, now) === null;
        expect(works({ from, to })).not.toBe(works({ from: to, to: from }));
      }),
    );
  });

  test('of money and time come before the hours', () => {
    const limits = parseLimits(options({ hours: '20:00-06:00', deadline: '2026-01-15T12:00:00Z' }));
    expect(reasonAt(limits, '2026-01-15T12:00:00Z')).toBe('deadline');
    expect(reasonAt(limits, '2026-01-15T12:00:00Z', 60_000)).toBe('budget');
    expect(reasonAt(limits, '2026-01-15T11:59:59Z')).toBe('hours');
  });
});
