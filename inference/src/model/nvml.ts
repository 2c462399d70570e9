import { CString, dlopen, FFIType, type Pointer, ptr, read } from 'bun:ffi';
import { openNvidiaSmi } from './nvidia-smi.ts';

/** One GPU, or a MIG slice by its own UUID, as the driver sees it. */
export interface GpuReading {
  readonly uuid: string;
  readonly name: string;
  readonly totalBytes: number;
  readonly usedBytes: number;
  readonly freeBytes: number;
  readonly temperatureCelsius: number;
  readonly utilizationPercent: number;
  /** 0 where the GPU does not say. */
  readonly powerWatts: number;
  /** Processes that compute on it, in the driver's numbers; none where it does not say. */
  readonly pids: readonly number[];
}

/** What the driver says of its GPUs. */
export interface Nvml {
  /** Reads anew, where `list` and `read` do not each time. */
  refresh?(): Promise<void>;
  list(): GpuReading[];
  /** The GPU that CUDA_VISIBLE_DEVICES names (index or UUID); the first one where it is unset. */
  read(visible: string | undefined): GpuReading | undefined;
}

const LIBRARY = 'libnvidia-ml.so.1';
const SUCCESS = 0;
const TEXT_BYTES = 96;
const TEMPERATURE_GPU = 0;
/** More than one server shares a GPU with; of more the driver names none. */
const PROCESSES_MAX = 256;
/** nvmlProcessInfo_v1_t: pid (u32), padding, usedGpuMemory (u64). */
const PROCESS_WORDS = 4;
const { i32, ptr: pointer, u32 } = FFIType;

/** nvml.h; only functions that every driver since 2017 has. */
const SYMBOLS = {
  nvmlInit_v2: { args: [], returns: i32 },
  nvmlDeviceGetCount_v2: { args: [pointer], returns: i32 },
  nvmlDeviceGetHandleByIndex_v2: { args: [u32, pointer], returns: i32 },
  nvmlDeviceGetHandleByUUID: { args: [pointer, pointer], returns: i32 },
  nvmlDeviceGetUUID: { args: [pointer, pointer, u32], returns: i32 },
  nvmlDeviceGetName: { args: [pointer, pointer, u32], returns: i32 },
  nvmlDeviceGetMemoryInfo: { args: [pointer, pointer], returns: i32 },
  nvmlDeviceGetTemperature: { args: [pointer, i32, pointer], returns: i32 },
  nvmlDeviceGetPowerUsage: { args: [pointer, pointer], returns: i32 },
  nvmlDeviceGetUtilizationRates: { args: [pointer, pointer], returns: i32 },
  nvmlDeviceGetComputeRunningProcesses: { args: [pointer, pointer, pointer], returns: i32 },
} as const;

let opened: Nvml | null | undefined;

/**
 * The driver's management library, once a process; where it does not load, `nvidia-smi`; null on a
 * machine without an NVIDIA driver.
 */
export function openNvml(): Nvml | null {
  opened ??= loadNvml(LIBRARY) ?? openNvidiaSmi();
  return opened;
}

/** Opens a library and counts on nothing but its functions; for tests, and once by `openNvml`. */
export function loadNvml(library: string): Nvml | null {
  let nvml: ReturnType<typeof dlopen<typeof SYMBOLS>>['symbols'];
  try {
    nvml = dlopen(library, SYMBOLS).symbols;
  } catch {
    return null;
  }
  if (nvml.nvmlInit_v2() !== SUCCESS) return null;

  const text = (get: (at: Pointer) => number): string => {
    const bytes = new Uint8Array(TEXT_BYTES);
    return get(ptr(bytes)) === SUCCESS ? new CString(ptr(bytes)).toString() : '';
  };
  const readPids = (device: Pointer): number[] => {
    const count = Uint32Array.of(PROCESSES_MAX);
    const infos = new Uint32Array(PROCESSES_MAX * PROCESS_WORDS);
    const read = nvml.nvmlDeviceGetComputeRunningProcesses(device, ptr(count), ptr(infos));
    if (read !== SUCCESS) return [];
    return Array.from({ length: count[0] ?? 0 }, (_, at) => infos[at * PROCESS_WORDS] ?? 0);
  };
  const readDevice = (find: (slot: Pointer) => number): GpuReading | undefined => {
    const slot = new BigUint64Array(1);
    if (find(ptr(slot)) !== SUCCESS) return undefined;
    const device = read.ptr(ptr(slot), 0) as Pointer;
    // nvmlMemory_t: total, free, used.
    const memory = new BigUint64Array(3);
    // nvmlUtilization_t: gpu, memory.
    const rates = new Uint32Array(2);
    const temperature = new Uint32Array(1);
    const milliwatts = new Uint32Array(1);
    nvml.nvmlDeviceGetMemoryInfo(device, ptr(memory));
    nvml.nvmlDeviceGetUtilizationRates(device, ptr(rates));
    nvml.nvmlDeviceGetTemperature(device, TEMPERATURE_GPU, ptr(temperature));
    nvml.nvmlDeviceGetPowerUsage(device, ptr(milliwatts));
    return {
      uuid: text((at) => nvml.nvmlDeviceGetUUID(device, at, TEXT_BYTES)),
      name: text((at) => nvml.nvmlDeviceGetName(device, at, TEXT_BYTES)),
      totalBytes: Number(memory[0]),
      freeBytes: Number(memory[1]),
      usedBytes: Number(memory[2]),
      temperatureCelsius: temperature[0] ?? 0,
      utilizationPercent: rates[0] ?? 0,
      powerWatts: (milliwatts[0] ?? 0) / 1000,
      pids: readPids(device),
    };
  };
  const readIndex = (index: number) =>
    readDevice((slot) => nvml.nvmlDeviceGetHandleByIndex_v2(index, slot));
  // A MIG slice has no index of its own; its UUID names it.
  const readUuid = (uuid: string) => {
    const name = Buffer.from(`${uuid}\0`);
    return readDevice((slot) => nvml.nvmlDeviceGetHandleByUUID(ptr(name), slot));
  };
  const list = (): GpuReading[] => {
    const count = new Uint32Array(1);
    if (nvml.nvmlDeviceGetCount_v2(ptr(count)) !== SUCCESS) return [];
    return Array.from({ length: count[0] ?? 0 }, (_, index) => readIndex(index)).filter(
      (gpu): gpu is GpuReading => gpu !== undefined,
    );
  };
  return {
    list,
    read: (visible) => {
      const first = visible?.split(',')[0]?.trim();
      if (!first) return readIndex(0);
      return /^\d+$/.test(first) ? readIndex(Number(first)) : readUuid(first);
    },
  };
}
