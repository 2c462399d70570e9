import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rejection } from '@demeter/common/testing';
import { examine } from '../doctor/examine.ts';
import { connectCore } from './connect.ts';

let data = '';
let database: string | undefined;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'demeter-models-'));
  database = process.env.DATABASE_URL;
  delete process.env.DATABASE_URL;
});
afterEach(() => {
  if (database !== undefined) process.env.DATABASE_URL = database;
  rmSync(data, { recursive: true, force: true });
});

test('where no system runs it says what to start, and starts no database for it', async () => {
  const error = (await rejection(connectCore({ data: join(data, 'nowhere') }))) as Error;
  expect(error.message).toContain('start `bun run demo`');
});

test('the doctor looks at models that were uploaded to the embedded system', async () => {
  const folder = join(data, 'models', 'uploaded', '3');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'model.onnx'), 'no model');
  const found = await examine(data);
  expect(found).toContainEqual(expect.objectContaining({ state: 'bad', what: 'model uploaded/3' }));
}, 60_000);
