/** The driver's interface against a library of the same functions, built here: no GPU is needed. */
import { describe, expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../_testing.ts';
import { loadNvml } from './nvml.ts';

const compiler = Bun.which('cc');
if (!compiler) console.warn('left out: NVML, which needs a C compiler for its stand-in');

/** Two devices; signatures and structs as nvml.h declares them. */
const SOURCE = `
#include <string.h>
typedef int nvmlReturn_t;
typedef struct { unsigned long long total, free, used; } nvmlMemory_t;
typedef struct { unsigned int gpu, memory; } nvmlUtilization_t;
typedef struct { unsigned int pid; unsigned long long usedGpuMemory; } nvmlProcessInfo_v1_t;
struct device {
  const char *uuid, *name;
  nvmlMemory_t memory;
  unsigned int celsius, percent, milliwatts, pids[2];
};
static struct device devices[] = {
  { "GPU-1111", "First", { 150000000000ULL, 149000000000ULL, 1000000000ULL }, 41, 7, 75500, { 0, 0 } },
  { "GPU-2222", "Second", { 24000000000ULL, 4000000000ULL, 20000000000ULL }, 83, 99, 310250, { 4711, 815 } },
};
nvmlReturn_t nvmlInit_v2(void) { return 0; }
nvmlReturn_t nvmlDeviceGetCount_v2(unsigned int *n) { *n = 2; return 0; }
nvmlReturn_t nvmlDeviceGetHandleByIndex_v2(unsigned int i, struct device **d) {
  if (i > 1) return 2;
  *d = &devices[i];
  return 0;
}
nvmlReturn_t nvmlDeviceGetHandleByUUID(const char *uuid, struct device **d) {
  for (int i = 0; i < 2; i++) {
    if (strcmp(devices[i].uuid, uuid) != 0) continue;
    *d = &devices[i];
    return 0;
  }
  return 6;
}
static nvmlReturn_t text(const char *from, char *to, unsigned int n) {
  if (strlen(from) >= n) return 7;
  strcpy(to, from);
  return 0;
}
nvmlReturn_t nvmlDeviceGetUUID(struct device *d, char *s, unsigned int n) { return text(d->uuid, s, n); }
nvmlReturn_t nvmlDeviceGetName(struct device *d, char *s, unsigned int n) { return text(d->name, s, n); }
nvmlReturn_t nvmlDeviceGetMemoryInfo(struct device *d, nvmlMemory_t *m) { *m = d->memory; return 0; }
nvmlReturn_t nvmlDeviceGetTemperature(struct device *d, int sensor, unsigned int *c) {
  if (sensor != 0) return 2;
  *c = d->celsius;
  return 0;
}
nvmlReturn_t nvmlDeviceGetPowerUsage(struct device *d, unsigned int *mw) { *mw = d->milliwatts; return 0; }
nvmlReturn_t nvmlDeviceGetUtilizationRates(struct device *d, nvmlUtilization_t *u) {
  u->gpu = d->percent;
  u->memory = 0;
  return 0;
}
nvmlReturn_t nvmlDeviceGetComputeRunningProcesses(struct device *d, unsigned int *n, nvmlProcessInfo_v1_t *p) {
  unsigned int there = 0;
  while (there < 2 && d->pids[there] != 0) there++;
  if (*n < there) return 7;
  for (unsigned int i = 0; i < there; i++) p[i] = (nvmlProcessInfo_v1_t){ d->pids[i], 1ULL << 40 };
  *n = there;
  return 0;
}
`;

describe.skipIf(!compiler)('the driver', () => {
  test('lists GPUs and reads the one that CUDA_VISIBLE_DEVICES names', () => {
    const folder = temporaryFolder();
    const source = join(folder, 'nvml.c');
    const library = join(folder, 'libnvidia-ml.so.1');
    writeFileSync(source, SOURCE);
    const built = Bun.spawnSync(['cc', '-shared', '-fPIC', '-o', library, source]);
    expect(built.exitCode).toBe(0);

    const nvml = loadNvml(library);
    expect(nvml?.list().map((gpu) => gpu.uuid)).toEqual(['GPU-1111', 'GPU-2222']);
    expect(nvml?.read(undefined)?.uuid).toBe('GPU-1111');
    expect(nvml?.read('1')).toEqual({
      uuid: 'GPU-2222',
      name: 'Second',
      totalBytes: 24_000_000_000,
      freeBytes: 4_000_000_000,
      usedBytes: 20_000_000_000,
      temperatureCelsius: 83,
      utilizationPercent: 99,
      powerWatts: 310.25,
      pids: [4711, 815],
    });
    expect(nvml?.read('GPU-1111')).toMatchObject({ totalBytes: 150_000_000_000, pids: [] });
    expect(nvml?.read('GPU-3333')).toBeUndefined();
    expect(nvml?.read('7')).toBeUndefined();
  });
});

test('no driver is no error', () => {
  expect(loadNvml('libno-such-driver.so.1')).toBeNull();
});
