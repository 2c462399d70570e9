import { totalmem } from 'node:os';
import type { Nvml } from './nvml.ts';

/** What admission decides by. */
export interface Memory {
  /** A GPU's memory as its driver sees it; without one, what this process holds of its budget. */
  readonly kind: 'vram' | 'resident';
  readonly totalBytes: number;
  readonly usedBytes: number;
}

/** Reads memory anew each time. */
export interface MemorySource {
  read(): Promise<Memory>;
  /** As last read, where reading anew takes a while. */
  last(): Memory;
}

export interface MemoryOptions {
  readonly nvml: Nvml | null;
  /** CUDA_VISIBLE_DEVICES; the GPU's memory counts only where `onGpu`. */
  readonly visibleDevices: string | undefined;
  readonly onGpu: boolean;
  /** Of resident memory; 0: this server's share of what the machine or the container has. */
  readonly budgetBytes: number;
  /** That share it. */
  readonly servers: number;
}

export function openMemory(options: MemoryOptions): MemorySource {
  const { nvml, visibleDevices, onGpu, budgetBytes, servers } = options;
  const resident = (): Memory => ({
    kind: 'resident',
    totalBytes: budgetBytes || Math.floor((process.constrainedMemory() || totalmem()) / servers),
    usedBytes: process.memoryUsage.rss(),
  });
  const last = (): Memory => {
    const gpu = onGpu ? nvml?.read(visibleDevices) : undefined;
    if (!gpu) return resident();
    return { kind: 'vram', totalBytes: gpu.totalBytes, usedBytes: gpu.usedBytes };
  };
  return {
    last,
    read: async () => {
      await nvml?.refresh?.();
      return last();
    },
  };
}
