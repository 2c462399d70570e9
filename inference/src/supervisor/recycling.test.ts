import { afterEach, expect, setDefaultTimeout, test } from 'bun:test';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '@demeter/common/logger';
import { temporaryFolder } from '../_testing.ts';
import { Supervised } from './supervised.ts';

// Processes start slowly on a busy machine; a hung test still ends.
setDefaultTimeout(60_000);

/** What the supervisor has said, so that a test can wait for it. */
let said: string[] = [];
const note = (_fields: unknown, message: string) => void said.push(message);
const log = { info: note, error: note } as unknown as Logger;
const limits = { photosMax: 10, residentBytesMax: 0 };
let supervised: Supervised;
afterEach(async () => await supervised.stop());

/** A slot whose server follows the files in `folder`. */
async function start(exclusive: boolean): Promise<string> {
  const folder = temporaryFolder();
  said = [];
  const command = [process.execPath, join(import.meta.dir, '_scripted-main.ts'), folder];
  supervised = new Supervised({ slot: { name: 'test', exclusive, env: {} }, command, log, limits });
  await supervised.settled;
  return folder;
}

async function events(folder: string): Promise<string[]> {
  return (await Bun.file(join(folder, 'events')).text()).trim().split('\n');
}

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within 30 s: ${what}; ${said.join(', ')}`);
    await Bun.sleep(20);
  }
}

const relieved = () => supervised.status.ready && supervised.status.restarts === 1;

test('a successor is ready before the old server drains, and takes its address', async () => {
  const folder = await start(false);
  const { metrics } = supervised.status;
  writeFileSync(join(folder, 'photos-0'), '10');
  await until('the successor serves', relieved);
  expect(await events(folder)).toEqual([
    'starts 0',
    'listens 0',
    'starts 1',
    'drains 0',
    'takes-over 1',
    'listens 1',
  ]);
  expect(supervised.status.metrics).toBe(metrics);
});

test('on a GPU the old server drains before the next one starts', async () => {
  const folder = await start(true);
  writeFileSync(join(folder, 'photos-0'), '10');
  await until('the next one serves', relieved);
  expect(await events(folder)).toEqual([
    'starts 0',
    'listens 0',
    'drains 0',
    'starts 1',
    'listens 1',
  ]);
});

test('a successor that does not get ready leaves the old server at work', async () => {
  const folder = await start(false);
  writeFileSync(join(folder, 'cold-1'), '');
  writeFileSync(join(folder, 'photos-0'), '10');
  const { pid } = supervised.status;
  await until('it is given up', () => said.some((line) => line.includes('works on')));
  expect(supervised.status).toMatchObject({ pid, ready: true, restarts: 0 });
  expect(await events(folder)).toEqual(['starts 0', 'listens 0', 'starts 1']);
});

test('while it stops nothing is recycled any more', async () => {
  const folder = await start(false);
  writeFileSync(join(folder, 'probes'), '');
  writeFileSync(join(folder, 'busy-0'), '');
  const stopped = supervised.stop();
  writeFileSync(join(folder, 'photos-0'), '10');
  const probes = () => readFileSync(join(folder, 'probes'), 'utf8').length;
  const before = probes();
  await until('it is probed while it drains', () => probes() > before + 2);
  rmSync(join(folder, 'busy-0'));
  await stopped;
  expect(await events(folder)).toEqual(['starts 0', 'listens 0', 'drains 0']);
});
