import { readdirSync, readFileSync } from 'node:fs';

/** Peak resident bytes of each program below `pid`, by its entry file (Linux). */
export function peakMemory(pid: number): Record<string, number> {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => read(Number(name)));
  const inTree = new Set([pid]);
  // Children have larger ids only until ids wrap: repeat until nothing is added.
  for (let size = 0; size !== inTree.size; ) {
    size = inTree.size;
    for (const one of processes) if (inTree.has(one.parent)) inTree.add(one.pid);
  }
  const peaks: Record<string, number> = {};
  for (const { pid: id, entry, peakBytes } of processes) {
    if (inTree.has(id)) peaks[entry] = Math.max(peaks[entry] ?? 0, peakBytes);
  }
  return peaks;
}

function read(pid: number): { pid: number; parent: number; entry: string; peakBytes: number }[] {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    const file = command.find((word) => word.endsWith('.ts')) ?? command[0] ?? '';
    return [
      {
        pid,
        parent: Number(/PPid:\s+(\d+)/.exec(status)?.[1]),
        entry: file.split('/').slice(-3).join('/'),
        peakBytes: Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024,
      },
    ];
  } catch {
    // It ended while we looked.
    return [];
  }
}
