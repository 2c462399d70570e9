import { expect, test } from 'bun:test';
import type { AppError } from '@demeter/common/errors';
import { rejection } from '@demeter/common/testing';
import { Admission } from './admission.ts';

test('refuses what is too much, with when to try again, and nothing once there is room', async () => {
  const admission = new Admission(2);
  const gates = [Promise.withResolvers<number>(), Promise.withResolvers<number>()];
  const running = gates.map(({ promise }) => admission.run(() => promise));
  const error = (await rejection(admission.run(async () => 0))) as AppError;
  expect(error.code).toBe('TOO_MANY_REQUESTS');
  expect(error.retryAfterSeconds).toBeGreaterThanOrEqual(0.05);
  gates[0]!.resolve(1);
  expect(await running[0]).toBe(1);
  expect(await admission.run(async () => 3)).toBe(3);
  gates[1]!.reject(new Error('broken'));
  expect(await rejection(running[1]!)).toMatchObject({ message: 'broken' });
});

test('draining lets what is under way end, and takes nothing more', async () => {
  const admission = new Admission(2);
  const gate = Promise.withResolvers<void>();
  const running = admission.run(() => gate.promise);
  let drained = false;
  const draining = admission.drain().then(() => {
    drained = true;
  });
  expect(await rejection(admission.run(async () => 0))).toMatchObject({ code: 'DRAINING' });
  expect(drained).toBe(false);
  gate.resolve();
  await running;
  await draining;
  expect(drained).toBe(true);
});
