import type { CoreClient, MeshReport } from './core-client.ts';

const REACHED_MS = 60_000;

/** Waits until the core has a stream to each server. */
export async function waitForServers(
  core: CoreClient,
  count: number,
  broken: Promise<never>,
): Promise<MeshReport> {
  const deadline = Date.now() + REACHED_MS;
  for (;;) {
    const mesh = await core.get<MeshReport>('/system/mesh');
    if (mesh.servers.filter((server) => server.ready).length >= count) return mesh;
    if (Date.now() > deadline) throw new Error('the core does not reach the inference servers');
    await Promise.race([Bun.sleep(100), broken]);
  }
}

/** Photos would wait for ever for a model that nobody has. Throws with those that are there. */
export function expectModel({ servers }: MeshReport, wanted: string): void {
  const models = servers.flatMap((server) => server.models);
  const named = ({ name, version }: (typeof models)[number]) =>
    name === wanted || `${name}/${version}` === wanted;
  if (models.some((model) => named(model) && model.state === 'ready')) return;
  const list = models.map(({ name, version, state }) => `${name}/${version} (${state})`);
  throw new Error(
    `there is no model ${wanted} that runs; there are ${list.join(', ')}. ` +
      'Why one is unavailable: MODEL_DIR=DIR bun run demeter models files',
  );
}
