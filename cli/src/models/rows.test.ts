import { expect, test } from 'bun:test';
import { changeRows, modelRows, rolloutRow } from './rows.ts';

const AT = '2026-05-01T10:00:00.000Z';
const OPEN = {
  id: '1',
  model: 'plants/2',
  stable_model: 'plants/1',
  state: 'shadow',
  percent: 5,
  verdict: null,
  reason: '',
  phase_at: AT,
  ended_at: null,
};

test('an open rollout shows its share and what is thought of it so far', () => {
  expect(rolloutRow(OPEN)).toMatchObject({ percent: 5, verdict: 'not yet' });
  expect(rolloutRow({ ...OPEN, verdict: 'wait' })).toMatchObject({ verdict: 'wait' });
});

test('a rollout that has ended shows how, and no share', () => {
  const ended = { ...OPEN, state: 'rolled_back', reason: 'decided by a person', ended_at: AT };
  expect(rolloutRow(ended)).toMatchObject({
    state: 'rolled back',
    percent: '',
    verdict: '',
    reason: 'decided by a person',
  });
  expect(rolloutRow({ ...ended, verdict: 'fail' })).toMatchObject({ verdict: 'fail' });
});

test('a version without a role says so', () => {
  const model = {
    name: 'plants',
    version: '2',
    digest: 'ab'.repeat(32),
    active: false,
    held: null,
  };
  const server = { server_id: 's', state: 'ready', provider: 'cpu', bytes: 3e6, pinned: false };
  const servers = [{ ...server, reason: '' }];
  const rows = modelRows({
    models: [
      { ...model, role: '', servers },
      { ...model, role: 'plants', servers },
    ],
  });
  expect(rows.map(({ role }) => role)).toEqual(['none', 'plants']);
});

test('a refusal of a server comes with what to do about it', () => {
  const refused = {
    server_id: 's',
    done: false,
    code: 'CONFLICT',
    message: 'plants/2 is in memory.',
  };
  expect(changeRows({ servers: [{ ...refused, hint: 'Unload it first.' }] })).toEqual([
    { server: 's', done: 'no', why: 'CONFLICT: plants/2 is in memory. Unload it first.' },
  ]);
});
