import { createHash } from 'node:crypto';
import { type Fault, type FaultCore, problem } from '../_fault-core.ts';

/** Parts at a core that misbehaves on request: its store keeps them beside the whole objects. */

const PARTS_FROM_BYTES = 8 * 1024 * 1024;
const PART_BYTES = 5 * 1024 * 1024;

interface AskedPart {
  readonly number: number;
  readonly size_bytes: number;
  readonly sha256: string;
}

export interface PartStore {
  /** Names of parts put, in order, `NUMBER` each, whatever was answered. */
  readonly puts: () => number[];
  /** Forgets the upload under way and its parts, as a store does that was not asked for long. */
  drop(): void;
}

/** Answers large photos with parts; `fault` goes before, also for the puts of parts. */
export function addParts(core: FaultCore, fault: Fault = () => null): PartStore {
  let upload = 1;
  const nameOf = (sha256: string, number: number) => `${sha256}.${upload}.${number}`;
  core.setFault(async (call, request) => {
    const body = call.body as { size_bytes: number } | undefined;
    const replaced = await fault(call, request);
    const large = call.step === 'grant' && (body?.size_bytes ?? 0) > PARTS_FROM_BYTES;
    if (replaced || !large) return replaced;
    if (core.objects.has(call.sha256)) return Response.json({ state: 'stored' });
    const granted = { id: `upload-${upload}`, part_bytes: PART_BYTES };
    return Response.json({ state: 'parts', upload: granted });
  });
  core.setRoutes(async (request, pathname) => {
    const [, sha256 = '', act] = /^\/api\/v1\/edge\/uploads\/(\w+)\/(\w+)$/.exec(pathname) ?? [];
    if (!act) return null;
    const asked = (await request.json()) as { upload_id: string; parts?: AskedPart[] };
    if (asked.upload_id !== `upload-${upload}`) return problem('NOT_FOUND', 404);
    if (act === 'complete') {
      const parts: Buffer[] = [];
      for (let number = 1; core.objects.has(nameOf(sha256, number)); number++) {
        parts.push(core.objects.get(nameOf(sha256, number))!);
      }
      core.objects.set(sha256, Buffer.concat(parts));
      return Response.json({ state: 'stored' });
    }
    const missing = (asked.parts ?? []).filter(({ number, sha256: expected }) => {
      const there = core.objects.get(nameOf(sha256, number));
      return !there || createHash('sha256').update(there).digest('hex') !== expected;
    });
    return Response.json({
      missing: missing.map(({ number, size_bytes, sha256: expected }) => ({
        number,
        grant: {
          method: 'PUT',
          url: `${core.url}/inbox/${nameOf(sha256, number)}`,
          headers: {
            'content-length': String(size_bytes),
            'x-amz-checksum-sha256': Buffer.from(expected, 'hex').toString('base64'),
          },
        },
      })),
    });
  });
  return {
    puts: () =>
      core.calls
        .filter(({ step }) => step === 'put')
        .map(({ sha256 }) => Number(sha256.split('.').at(-1))),
    drop: () => {
      upload++;
    },
  };
}
