import type { InferenceConfig } from '../config.ts';
import type { GpuReading, Nvml } from './nvml.ts';
import type { Provider } from './session-protocol.ts';

export interface Providers {
  /** To try, best first. */
  readonly providers: readonly Provider[];
  /** The GPU to lock, where one is used. */
  readonly gpu: GpuReading | undefined;
}

/**
 * What to run on: `false` is the CPU; `auto` is the GPU where the driver shows one, else the CPU;
 * `true` is the GPU or nothing, so that a driver lost after an update is noticed.
 */
export function chooseProviders(
  config: Pick<InferenceConfig, 'gpu' | 'visibleDevices'>,
  nvml: Nvml | null,
): Providers {
  const gpu = config.gpu === 'false' ? undefined : nvml?.read(config.visibleDevices);
  if (config.gpu === 'true') return { providers: ['cuda'], gpu };
  return gpu ? { providers: ['cuda', 'cpu'], gpu } : { providers: ['cpu'], gpu: undefined };
}
