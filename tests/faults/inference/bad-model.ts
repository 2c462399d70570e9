import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../system/program.ts';
import { must } from '../fault-case.ts';
import { Load } from '../load.ts';
import type { MeshSystem } from '../mesh-system.ts';
import type { MeshCase } from './mesh-case.ts';

const SERVERS = 2;
/** The bar of the matrix: a rollback takes less than five minutes. */
const ROLLBACK_MS = 300_000;
/** So many photos in a hundred are also counted by the version that is tried; in a slice all. */
const SHADOW_PERCENT = 50;

interface Rollout {
  readonly id: string;
  readonly state: string;
  readonly reason: string;
}

/** A new version that cannot be loaded, then one that loads and finds nothing. */
export const badModel: MeshCase = {
  number: 29,
  title:
    'a bad model version: refused, or rolled back within five minutes; results stay as they were',
  seconds: 60,
  run: async (system, { seed, quick }) => {
    await system.deploy({ count: SERVERS });
    await using load = await Load.start(system, seed);
    const stable = await load.pipeline();

    const refused = await upload(system, '2', cut(file('plants.onnx')), {});
    must(!refused.some(({ done }) => done), 'a broken file is refused by every server');
    await load.untilCounted(3);
    await system.untilReady(SERVERS);

    const bad = await upload(system, '3', withMetadata(file('plants.onnx')), { confidence: 0.99 });
    // Servers of one machine share the folder: one has brought it to all.
    must(
      bad.some(({ done }) => done),
      JSON.stringify(bad),
    );
    await system.ask('/models/plants/3/load', { method: 'POST', ...json({}) });
    const started = performance.now();
    const { id } = await system.ask<Rollout>('/models/plants/3/rollout', {
      method: 'POST',
      ...json({ phase: 'shadow', percent: quick ? 100 : SHADOW_PERCENT }),
    });
    const rollout = async () => await system.get<Rollout>(`/rollouts/${id}`);
    const rolledBack = async () => (await rollout()).state === 'rolled_back';
    await system.until('the version is rolled back', rolledBack, ROLLBACK_MS);
    const rollbackSeconds = Number(((performance.now() - started) / 1000).toFixed(1));
    await load.untilCounted(3);
    const { photos } = await load.close();
    const others = await shownByOthers(system, stable);
    must(others === 0, `${others} photos show the count of the bad version`);
    const { reason } = await rollout();
    await remove(system, '3');
    return { photos, refused: refused[0]?.message, rollback_s: rollbackSeconds, reason };
  },
};

function json(body: object) {
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function file(name: string): Buffer {
  return readFileSync(join(ROOT, 'models/plants/1', name));
}

interface AtServer {
  readonly server_id: string;
  readonly done: boolean;
  readonly message: string | null;
}

interface Answers {
  readonly servers: readonly AtServer[];
}

/** Sends `plants/<version>` to all servers: version 1's manifest with other thresholds. */
async function upload(
  system: MeshSystem,
  version: string,
  onnx: Buffer,
  thresholds: object,
): Promise<readonly AtServer[]> {
  const manifest = JSON.parse(file('manifest.json').toString());
  const sha256 = createHash('sha256').update(onnx).digest('hex');
  const made = {
    ...manifest,
    version,
    sha256,
    thresholds: { ...manifest.thresholds, ...thresholds },
  };
  const body = new FormData();
  body.set('sha256', sha256);
  body.set('manifest', JSON.stringify(made));
  body.set('load', 'true');
  body.set('file', new Blob([new Uint8Array(onnx)]), 'plants.onnx');
  const path = `/models/plants/${version}/file`;
  const { servers } = await system.ask<Answers>(path, { method: 'PUT', body });
  return servers;
}

/** Servers that start later load the highest version that is there. */
async function remove(system: MeshSystem, version: string): Promise<void> {
  const path = `/models/plants/${version}`;
  await system.until(`plants/${version} is removed`, async () => {
    await system.ask(`${path}/unload`, { method: 'POST', ...json({}) });
    const { servers } = await system.ask<Answers>(path, { method: 'DELETE' });
    return servers.some(({ done }) => done);
  });
}

/** A file that was cut off and goes on with something else. */
function cut(onnx: Buffer): Buffer {
  return Buffer.concat([onnx.subarray(0, 1000), Buffer.alloc(5000, 7)]);
}

/** The same graph in other bytes: one more entry of ModelProto.metadata_props (field 14). */
function withMetadata(onnx: Buffer): Buffer {
  const field = (tag: number, text: string) =>
    Buffer.from([tag, text.length, ...Buffer.from(text)]);
  const entry = Buffer.concat([field(0x0a, 'note'), field(0x12, 'a bad version')]);
  return Buffer.concat([onnx, Buffer.from([0x72, entry.length]), entry]);
}

/** Sessions that show the count of another pipeline than `stable`. */
async function shownByOthers({ sql }: MeshSystem, stable: string): Promise<number> {
  const [row] = await sql`
    select count(*)::int as others from photo_sessions s join runs r on r.id = s.current_run_id
     where encode(r.pipeline_digest, 'hex') <> ${stable}`;
  return row.others;
}
