import { openNvml } from './nvml.ts';
import type { Provider } from './session-protocol.ts';

/** Bytes in use: of the GPU's memory, by the driver, or of this process, resident. */
export function usedBytes(provider: Provider): number {
  if (provider === 'cpu') return process.memoryUsage.rss();
  return openNvml()?.read(process.env.CUDA_VISIBLE_DEVICES)?.usedBytes ?? 0;
}
