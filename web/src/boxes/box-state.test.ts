import { expect, test } from 'bun:test';
import type { Box } from '../api/shapes.ts';
import { boxState, TONES } from './box-state.ts';

const seen = '2026-05-01T10:00:00.000Z';
const fine = {
  revoked_at: null,
  alerts: [],
  credential: 'key',
  last_seen_at: seen,
} as unknown as Box;
const alerts = [{ kind: 'silent', since: '', raised_at: '' }] as Box['alerts'];

test.each([
  [{}, 'fine', 'good'],
  [{ credential: 'token' }, 'old_credential', 'good'],
  [{ credential: 'none' }, 'waiting', 'wait'],
  [{ credential: 'token', last_seen_at: null }, 'waiting', 'wait'],
  [{ alerts, credential: 'token' }, 'alert', 'bad'],
  [{ alerts, revoked_at: '2026-05-01T10:00:00.000Z' }, 'revoked', 'plain'],
] as const)('a box with %o is %s', (more, state, tone) => {
  expect(boxState({ ...fine, ...more } as Box)).toBe(state);
  expect(TONES[state]).toBe(tone);
});
