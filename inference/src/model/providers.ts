import type { InferenceConfig } from '../config.ts';
import type { GpuReading, Nvml } from './nvml.ts';
import type { Provider } from './session-protocol.ts';

export interface Providers {
  /** To try, best first. */
  readonly providers: readonly Provider[];
  /** The GPU to lock, where one is used. */
  readonly gpu: GpuReading | undefined;
  /** Why the GPU is not among them though it was asked for; empty otherwise. */
  readonly reason: string;
}

/**
 * What to run on. USE_GPU `false`: the CPU. `auto`: the GPU where the driver shows one, else the
 * CPU. `true` (strict): the GPU or nothing, so that a driver lost after an update is noticed.
 * On a GPU CUDA comes first, or TensorRT where it is asked for.
 */
export function chooseProviders(
  config: Pick<InferenceConfig, 'gpu' | 'tensorRt' | 'visibleDevices'>,
  nvml: Nvml | null,
): Providers {
  if (config.gpu === 'false') return { providers: ['cpu'], gpu: undefined, reason: '' };
  const onGpu: readonly Provider[] = config.tensorRt ? ['tensorrt', 'cuda'] : ['cuda'];
  const gpu = nvml?.read(config.visibleDevices);
  const why = whyNone(config.visibleDevices, nvml);
  if (config.gpu === 'true') return { providers: onGpu, gpu, reason: gpu ? '' : `No GPU: ${why}.` };
  if (gpu) return { providers: [...onGpu, 'cpu'], gpu, reason: '' };
  // Said as information: it is how such a machine works.
  return { providers: ['cpu'], gpu, reason: `On the CPU: ${why}.` };
}

function whyNone(visible: string | undefined, nvml: Nvml | null): string {
  if (nvml === null) return 'this machine has no NVIDIA driver';
  return visible ? `the driver shows no GPU ${visible}` : 'the driver shows no GPU';
}
