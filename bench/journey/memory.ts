import { readdirSync, readFileSync } from 'node:fs';

interface Program {
  readonly pid: number;
  readonly parent: number;
  /** Its entry file. */
  readonly entry: string;
  readonly residentBytes: number;
  readonly peakBytes: number;
}

/** Peak resident bytes of each program below `pid`, by its entry file (Linux). */
export function peakMemory(pid: number): Record<string, number> {
  const peaks: Record<string, number> = {};
  for (const { entry, peakBytes } of programsBelow(pid)) {
    peaks[entry] = Math.max(peaks[entry] ?? 0, peakBytes);
  }
  return peaks;
}

/** Resident bytes, now, of the programs below `pid` whose entry file ends so; 0: none runs. */
export function residentBytes(pid: number, entry: string): number {
  const programs = programsBelow(pid).filter((program) => program.entry.endsWith(entry));
  return programs.reduce((sum, program) => sum + program.residentBytes, 0);
}

function programsBelow(pid: number): Program[] {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => read(Number(name)));
  const inTree = new Set([pid]);
  // Children have larger ids only until ids wrap: repeat until nothing is added.
  for (let size = 0; size !== inTree.size; ) {
    size = inTree.size;
    for (const one of processes) if (inTree.has(one.parent)) inTree.add(one.pid);
  }
  return processes.filter((one) => inTree.has(one.pid));
}

function read(pid: number): Program[] {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    const file = command.find((word) => word.endsWith('.ts')) ?? command[0] ?? '';
    return [
      {
        pid,
        parent: Number(/PPid:\s+(\d+)/.exec(status)?.[1]),
        entry: file.split('/').slice(-3).join('/'),
        residentBytes: Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024,
        peakBytes: Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024,
      },
    ];
  } catch {
    // It ended while we looked.
    return [];
  }
}
