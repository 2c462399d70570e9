import { describe, expect, test } from 'bun:test';
import type { Logger } from '@demeter/common/logger';
import { Events } from './events.ts';
import { createHealthReport } from './health-report.ts';
import type { Nvml } from './model/nvml.ts';
import type { Provider } from './model/session-protocol.ts';
import { Strangers } from './model/strangers.ts';
import { createFakeShelf, createWorld, fakeModel } from './residency/_fakes.ts';
import { PhotoQueue } from './work/photo-queue.ts';

const GPU = {
  uuid: 'GPU-1',
  name: 'a GPU',
  totalBytes: 1_000,
  usedBytes: 300,
  freeBytes: 700,
  temperatureCelsius: 60,
  utilizationPercent: 90,
  powerWatts: 250,
  pids: [process.pid, 4711],
};
const nvml: Nvml = { list: () => [GPU], read: () => GPU };
const log = { warn() {}, info() {} } as unknown as Logger;

/** A server with one model that was started with `providers`; it loads none by itself. */
function server(providers: readonly Provider[], driver: Nvml | null, providerReason = '') {
  const world = createWorld({ kind: providers[0] === 'cpu' ? 'resident' : 'vram' });
  const { shelf, run } = createFakeShelf(world, { models: [fakeModel('m/1')], providers });
  const memory = { read: async () => world.memory, last: () => world.memory };
  const sources = {
    ...{ serverId: 'a', epoch: 'b', version: '0', restarts: 0, visibleDevices: undefined },
    ...{ providers, providerReason, nvml: driver, strangers: new Strangers([], log) },
    ...{ shelf, memory, queue: new PhotoQueue(1, () => {}), events: new Events() },
    readiness: { ready: true, hanging: '', draining: false },
  };
  return { shelf, run, world, report: () => createHealthReport(sources) };
}

describe('what a server says that it runs on', () => {
  test('is what it has chosen while no model is loaded, and its GPU is read all the same', async () => {
    const { shelf, run, report } = server(['cuda', 'cpu'], nvml);
    await shelf.start();
    const gpu = { uuid: 'GPU-1', vram_used_bytes: '300', other_pids: [4711] };
    expect(report()).toMatchObject({ provider: 'cuda', gpu });
    await run('m');
    expect(report()).toMatchObject({ provider: 'cuda', gpu });
    await shelf.unload({ name: 'm', version: '' });
    expect(report()).toMatchObject({ provider: 'cuda', gpu });
  });

  test('is the CPU where its models had to go there; the GPU, which is full, is shown', async () => {
    const { shelf, run, world, report } = server(['cuda', 'cpu'], nvml);
    world.memory = { ...world.memory, usedBytes: world.memory.totalBytes };
    await shelf.start();
    await run('m');
    expect(report()).toMatchObject({
      provider: 'cpu',
      provider_reason: expect.stringContaining('GPU memory'),
      gpu: { uuid: 'GPU-1' },
    });
  });

  test('is the CPU on a machine without a GPU, and where nothing else is wanted', async () => {
    const without = server(['cpu'], null, 'On the CPU: this machine has no NVIDIA driver.');
    const { provider, provider_reason, gpu } = without.report();
    expect({ provider, provider_reason, gpu }).toEqual({
      provider: 'cpu',
      provider_reason: 'On the CPU: this machine has no NVIDIA driver.',
      gpu: null,
    });
    expect(server(['cpu'], nvml).report()).toMatchObject({ provider: 'cpu', gpu: null });
  });
});
