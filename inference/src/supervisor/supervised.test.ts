import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '@demeter/common/config';
import { createLogger } from '@demeter/common/logger';
import { startServer, temporaryFolder } from '../_testing.ts';
import { readConfig } from '../config.ts';
import type { GpuReading, Nvml } from '../model/nvml.ts';
import { planSlots } from './slots.ts';
import { Supervised } from './supervised.ts';

// Loading models takes seconds on a busy machine; a hung test still ends.
setDefaultTimeout(300_000);

const log = createLogger('test', parseConfig({ LOG_LEVEL: 'error' }).values);
const gpu = (uuid: string): GpuReading => ({
  uuid,
  name: 'a GPU',
  totalBytes: 1,
  usedBytes: 0,
  freeBytes: 1,
  temperatureCelsius: 0,
  utilizationPercent: 0,
  powerWatts: 0,
  pids: [],
});

describe('slots', () => {
  const gpus = [gpu('GPU-a'), gpu('GPU-b')];
  /** As the driver has it: a MIG slice is in no list, but has a UUID. */
  const slice = gpu('MIG-c');
  const nvml: Nvml = {
    list: () => gpus,
    read: (name) =>
      [...gpus, slice].find(({ uuid }, index) => [uuid, String(index)].includes(name!)),
  };

  test('one for each GPU, ports counting up', () => {
    const slots = planSlots(readConfig({}), nvml);
    expect(slots.map((slot) => slot.env)).toEqual([
      {
        CUDA_VISIBLE_DEVICES: 'GPU-a',
        DEMETER_INFERENCE_PORT: '9001',
        DEMETER_INFERENCE_METRICS_PORT: '9101',
      },
      {
        CUDA_VISIBLE_DEVICES: 'GPU-b',
        DEMETER_INFERENCE_PORT: '9002',
        DEMETER_INFERENCE_METRICS_PORT: '9102',
      },
    ]);
  });

  test('one for each GPU or MIG slice that is named, whether by index or UUID', () => {
    const named = (CUDA_VISIBLE_DEVICES: string) =>
      planSlots(readConfig({ CUDA_VISIBLE_DEVICES }), nvml).map(({ name, exclusive, env }) => {
        expect(env.CUDA_VISIBLE_DEVICES).toBe(exclusive ? name : undefined);
        return name;
      });
    expect(named('1')).toEqual(['GPU-b']);
    expect(named('MIG-c, 0, GPU-a')).toEqual(['MIG-c', 'GPU-a']);
    expect(named('MIG-gone')).toEqual(['cpu-0']);
  });

  test('on the CPU as many as configured, which share its cores', () => {
    const env = {
      DEMETER_INFERENCE_COUNT: '2',
      DEMETER_INFERENCE_PORT: '0',
      DEMETER_INFERENCE_THREADS: '6',
    };
    const slots = planSlots(readConfig(env), null);
    expect(slots).toHaveLength(2);
    expect(slots[1]?.env).toMatchObject({
      DEMETER_INFERENCE_PORT: '0',
      DEMETER_INFERENCE_THREADS: '3',
    });
    expect(planSlots(readConfig({ USE_GPU: 'false' }), nvml)[0]?.name).toBe('cpu-0');
  });
});

test('a server that says that it hangs is killed and started again', async () => {
  const folder = temporaryFolder();
  const script = join(folder, 'hanging.ts');
  const lives = join(folder, 'lives');
  writeFileSync(
    script,
    `import { appendFileSync } from 'node:fs';
     const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => Response.json({ reason: 'It hangs.' }, { status: 503 }) });
     appendFileSync(${JSON.stringify(lives)}, process.pid + '\\n');
     console.log('a library says hello');
     console.log(JSON.stringify({ ready: true, grpc: '127.0.0.1:1', metrics: '127.0.0.1:' + server.port }));`,
  );
  const command = [process.execPath, script];
  const supervised = new Supervised({
    slot: { name: 'test', exclusive: false, env: {} },
    command,
    log,
    startMs: 600_000,
  });
  await supervised.settled;
  const pids = async () => (await Bun.file(lives).text()).trim().split('\n');
  await until(async () => (await pids()).length >= 2);
  await supervised.stop();
  const [first, second] = await pids();
  expect(first).not.toBe(second);
});

test('a server that ends at its start keeps the ports that it had', async () => {
  const script = join(temporaryFolder(), 'ports.ts');
  const lives = `${script}.lives`;
  writeFileSync(
    script,
    `import { appendFileSync, readFileSync } from 'node:fs';
     appendFileSync(${JSON.stringify(lives)}, (process.env.DEMETER_INFERENCE_PORT ?? 'any') + ' ');
     const life = readFileSync(${JSON.stringify(lives)}, 'utf8').trim().split(' ').length;
     if (life === 2) process.exit(1);
     console.log(JSON.stringify({ ready: true, grpc: '127.0.0.1:4711', metrics: '127.0.0.1:1' }));
     if (life === 1) process.exit(1);
     await Bun.sleep(60_000);`,
  );
  const command = [process.execPath, script];
  const supervised = new Supervised({
    slot: { name: 'test', exclusive: false, env: {} },
    command,
    log,
    startMs: 600_000,
  });
  await until(
    async () =>
      (
        await Bun.file(lives)
          .text()
          .catch(() => '')
      ).split(' ').length > 3,
  );
  await supervised.stop();
  expect((await Bun.file(lives).text()).trim().split(' ').slice(0, 3)).toEqual([
    'any',
    '4711',
    '4711',
  ]);
});

test('starts servers, starts a killed one again at its address, and stops them all', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'empty'));
  const env = { MODEL_DIR: join(folder, 'empty'), DEMETER_INFERENCE_COUNT: '2' };
  const supervisor = await startServer(env, 'supervisor-main.ts');
  const { servers } = supervisor.line as unknown as { servers: ServerLine[] };
  expect(servers).toHaveLength(2);
  expect(servers[0]).toMatchObject({ ready: false, reason: expect.stringContaining('no model') });

  const { pid, metrics } = servers[0]!;
  process.kill(pid, 'SIGKILL');
  await until(async () => (await restarts(metrics)) === 1);
  expect(await restarts(servers[1]!.metrics)).toBe(0);

  expect(await supervisor.stop()).toBe(0);
  for (const server of servers) expect(await alive(server.metrics)).toBe(false);
});

test('the servers end when the supervisor is killed', async () => {
  const folder = temporaryFolder();
  const supervisor = await startServer({ MODEL_DIR: folder }, 'supervisor-main.ts');
  const { servers } = supervisor.line as unknown as { servers: ServerLine[] };
  supervisor.process.kill('SIGKILL');
  await until(async () => !(await alive(servers[0]!.metrics)));
});

interface ServerLine {
  readonly pid: number;
  readonly metrics: string;
}

/** Undefined while it does not answer. */
async function restarts(metrics: string): Promise<number | undefined> {
  const response = await fetch(`http://${metrics}/metrics`).catch(() => undefined);
  const found = /^demeter_inference_restarts (\d+)$/m.exec((await response?.text()) ?? '')?.[1];
  return found === undefined ? undefined : Number(found);
}

function alive(metrics: string): Promise<boolean> {
  return fetch(`http://${metrics}/health/live`).then(
    (response) => response.ok,
    () => false,
  );
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('it did not happen within 120 s');
    await Bun.sleep(50);
  }
}
