import { describe, expect, test } from 'bun:test';
import type { GpuReading } from './nvml.ts';
import { chooseProviders } from './providers.ts';

const gpu: GpuReading = {
  uuid: 'GPU-a',
  name: 'a GPU',
  totalBytes: 1,
  usedBytes: 0,
  freeBytes: 1,
  temperatureCelsius: 0,
  utilizationPercent: 0,
  powerWatts: 0,
  pids: [],
};
const nvml = { list: () => [gpu], read: () => gpu };
const empty = { list: () => [], read: () => undefined };
const config = { gpu: 'auto', tensorRt: false, visibleDevices: undefined } as const;

describe('on a machine with a GPU', () => {
  test('CUDA comes first, the CPU last', () => {
    const { providers, reason } = chooseProviders(config, nvml);
    expect({ providers, reason }).toEqual({ providers: ['cuda', 'cpu'], reason: '' });
  });

  test('TensorRT comes before it where it is asked for', () => {
    const { providers } = chooseProviders({ ...config, tensorRt: true }, nvml);
    expect(providers).toEqual(['tensorrt', 'cuda', 'cpu']);
  });

  test('strict leaves the CPU out; without the GPU there is nothing left to try but it', () => {
    expect(chooseProviders({ ...config, gpu: 'true' }, nvml).providers).toEqual(['cuda']);
    const off = chooseProviders({ ...config, gpu: 'false', tensorRt: true }, nvml);
    expect(off).toEqual({ providers: ['cpu'], gpu: undefined, reason: '' });
  });
});

describe('on a machine without one', () => {
  test('the CPU runs, and it is said why', () => {
    expect(chooseProviders(config, null)).toEqual({
      providers: ['cpu'],
      gpu: undefined,
      reason: 'On the CPU: this machine has no NVIDIA driver.',
    });
    expect(chooseProviders(config, empty).reason).toBe('On the CPU: the driver shows no GPU.');
    expect(chooseProviders({ ...config, visibleDevices: '7' }, empty).reason).toBe(
      'On the CPU: the driver shows no GPU 7.',
    );
  });

  test('strict still refuses the CPU', () => {
    const { providers, reason } = chooseProviders({ ...config, gpu: 'true' }, null);
    expect({ providers, reason }).toEqual({
      providers: ['cuda'],
      reason: 'No GPU: this machine has no NVIDIA driver.',
    });
  });
});
