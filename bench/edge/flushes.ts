import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MakePhoto } from './accepting.ts';
import { accept, type RunningEdge, settled } from './running-edge.ts';

const FLUSH = /^(?:\[pid +\d+\] |\d+ +)?(fsync|fdatasync|sync|syncfs|sync_file_range|msync)\(/;

/**
 * How often the edge's process asks the system to flush, for each photo that one client sends,
 * judged ones included; null where strace is not there. Without it nothing else says so.
 */
export async function flushesPerPhoto(
  edge: RunningEdge,
  folder: string,
  makePhoto: MakePhoto,
  photos: number,
): Promise<number | null> {
  if (Bun.which('strace') === null) return null;
  const log = join(folder, 'strace.log');
  const calls = 'trace=fsync,fdatasync,sync,syncfs,sync_file_range,msync';
  const tracer = Bun.spawn(['strace', '-f', '-e', calls, '-o', log, '-p', String(edge.pid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const reader = tracer.stderr.getReader();
  const { value } = await reader.read();
  if (!new TextDecoder().decode(value).includes('attached')) return null;
  for (let sent = 0; sent < photos; sent++) {
    await accept(edge, makePhoto());
    await settled(edge, 'spooled');
  }
  tracer.kill('SIGINT');
  await tracer.exited;
  const lines = readFileSync(log, 'utf8').split('\n');
  return lines.filter((line) => FLUSH.test(line)).length / photos;
}
