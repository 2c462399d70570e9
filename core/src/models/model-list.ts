import { type Static, t } from 'elysia';
import { nullable, shape } from '../http/schemas.ts';
import type { ServerStatus } from '../mesh/mesh.ts';
import { ServerModel, toModel } from '../mesh/server-body.ts';
import { fileKey } from '../pipelines/open-rollout.ts';
import type { OfferedModel } from '../pipelines/pipeline.ts';

/** One file under one name and version, and where it is. */
export const ModelVersion = shape('ModelVersion', {
  name: t.String(),
  version: t.String(),
  digest: t.String({ description: 'SHA-256 of the file.' }),
  role: t.String(),
  task: t.String(),
  active: t.Boolean({ description: 'New photos are counted with it.' }),
  held: nullable(
    t.String({
      description:
        'Why it is not chosen by itself: uploaded, rollout, rolled_back, superseded; else null.',
    }),
  ),
  servers: t.Array(t.Composite([t.Object({ server_id: t.String() }), ServerModel])),
});
export type ModelVersion = Static<typeof ModelVersion>;

export interface Standing {
  /** The models of the active pipeline. */
  readonly active: readonly OfferedModel[];
  /** Reasons by `fileKey`. */
  readonly held: ReadonlyMap<string, string>;
}

/** What servers report, by file: name, then version, newest first. Pure. */
export function listModels(
  servers: readonly Pick<ServerStatus, 'serverId' | 'report'>[],
  { active, held }: Standing,
): ModelVersion[] {
  const byFile = new Map<string, ModelVersion>();
  for (const { serverId, report } of servers) {
    for (const model of (report?.models ?? []).map(toModel)) {
      const { name, version, digest, role, task } = model;
      const key = fileKey(model);
      const known = byFile.get(key);
      const servers = [...(known?.servers ?? []), { server_id: serverId, ...model }];
      byFile.set(key, {
        ...{ name, version, digest, role, task },
        active: active.some((one) => fileKey(one) === key),
        held: held.get(key) ?? null,
        servers,
      });
    }
  }
  return [...byFile.values()].sort(
    (a, b) =>
      a.name.localeCompare(b.name) ||
      b.version.localeCompare(a.version, 'en', { numeric: true }) ||
      (a.digest < b.digest ? -1 : 1),
  );
}
