/** Against a stand-in for NVIDIA's program: no GPU is needed. */
import { expect, test } from 'bun:test';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../_testing.ts';
import { openMemory } from './memory.ts';
import { openNvidiaSmi, parseNvidiaSmi } from './nvidia-smi.ts';

const MIB = 1024 * 1024;

/** Prints the file beside it, if it is asked as the real one takes it. */
function standIn(lines: string): {
  readonly program: string;
  readonly say: (text: string) => void;
} {
  const folder = temporaryFolder();
  const program = join(folder, 'nvidia-smi');
  const say = (text: string) => writeFileSync(join(folder, 'answer'), text);
  say(lines);
  writeFileSync(
    program,
    `#!/bin/sh
test "$1" = "--query-gpu=uuid,name,memory.total,memory.used,memory.free,temperature.gpu,utilization.gpu,power.draw" || exit 2
test "$2" = "--format=csv,noheader,nounits" || exit 2
cat ${join(folder, 'answer')}
`,
  );
  chmodSync(program, 0o755);
  return { program, say };
}

const TWO =
  'GPU-1, First, 1000, 10, 990, 41, 7, 75.5\nGPU-2, Second, 2000, 500, 1500, [N/A], 99, 310.25\n';

test('lists GPUs and reads the one that CUDA_VISIBLE_DEVICES names', () => {
  const smi = openNvidiaSmi(standIn(TWO).program);
  expect(smi?.list().map(({ uuid }) => uuid)).toEqual(['GPU-1', 'GPU-2']);
  expect(smi?.read(undefined)?.uuid).toBe('GPU-1');
  expect(smi?.read('GPU-2')).toEqual({
    uuid: 'GPU-2',
    name: 'Second',
    totalBytes: 2000 * MIB,
    usedBytes: 500 * MIB,
    freeBytes: 1500 * MIB,
    temperatureCelsius: 0,
    utilizationPercent: 99,
    powerWatts: 310.25,
    pids: [],
  });
  expect(smi?.read('1')?.uuid).toBe('GPU-2');
  expect(smi?.read('7')).toBeUndefined();
});

test('admission reads memory as it is now, and a failing program leaves what was read', async () => {
  const { program, say } = standIn(TWO);
  const nvml = openNvidiaSmi(program);
  const memory = openMemory({
    nvml,
    visibleDevices: 'GPU-2',
    onGpu: true,
    budgetBytes: 0,
    servers: 1,
  });
  expect(memory.last()).toEqual({
    kind: 'vram',
    totalBytes: 2000 * MIB,
    usedBytes: 500 * MIB,
  });
  say('GPU-2, Second, 2000, 1700, 300, 60, 99, 200\n');
  expect((await memory.read()).usedBytes).toBe(1700 * MIB);
  chmodSync(program, 0o755);
  writeFileSync(program, '#!/bin/sh\nexit 9\n');
  expect((await memory.read()).usedBytes).toBe(1700 * MIB);
});

test('without the program, without a GPU, or with words that are none: nothing', () => {
  expect(openNvidiaSmi('no-such-program')).toBeNull();
  expect(openNvidiaSmi(standIn('').program)).toBeNull();
  expect(openNvidiaSmi(standIn('No devices were found\n').program)).toBeNull();
  expect(parseNvidiaSmi('a, b\n\n')).toEqual([]);
});

test('without a GPU memory is what this process holds of its budget', async () => {
  const budget = { nvml: null, visibleDevices: undefined, onGpu: false, servers: 1 };
  const memory = openMemory({ ...budget, budgetBytes: 123 });
  const { kind, totalBytes, usedBytes } = await memory.read();
  expect({ kind, totalBytes }).toEqual({ kind: 'resident', totalBytes: 123 });
  expect(usedBytes).toBeGreaterThan(10 * MIB);
  const machine = openMemory({ ...budget, budgetBytes: 0 });
  expect(machine.last().totalBytes).toBeGreaterThan(100 * MIB);
  // Servers that share the machine share its memory too, unless each is told its own.
  const third = openMemory({ ...budget, servers: 3, budgetBytes: 0 });
  expect(third.last().totalBytes).toBe(Math.floor(machine.last().totalBytes / 3));
  const told = openMemory({ ...budget, servers: 3, budgetBytes: 123 });
  expect(told.last().totalBytes).toBe(123);
});
