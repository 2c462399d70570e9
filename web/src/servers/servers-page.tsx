import { useEffect } from 'preact/hooks';
import type { Server } from '../api/shapes.ts';
import { texts } from '../texts.ts';
import { Empty, Failed, Loading } from '../ui/states.tsx';
import { mesh, meshProblem, readMesh, showMesh } from './servers-data.ts';

/** The inference servers that the core sees, and the photos that wait for them. */
export function ServersPage() {
  useEffect(showMesh, []);
  const current = mesh.value;
  const problem = meshProblem.value;
  if (!current && problem) return <Failed problem={problem} onRetry={() => void readMesh()} />;
  if (!current) return <Loading label={texts.loading} />;
  const { servers, queue } = current;
  return (
    <>
      <div class="page-head">
        <h1>{texts.servers.title}</h1>
        <span class="quiet">{texts.servers.queue(queue.waiting, queue.leased)}</span>
      </div>
      {servers.length === 0 ? (
        <Empty title={texts.servers.empty} hint={texts.servers.emptyHint} />
      ) : (
        <ul class="servers">
          {servers.map((server) => (
            <ServerCard key={server.server_id} server={server} />
          ))}
        </ul>
      )}
    </>
  );
}

function ServerCard({ server }: { readonly server: Server }) {
  const { fact, ready, notReady } = texts.servers;
  return (
    <li class="panel server">
      <div class="server-head">
        <h2>{server.address}</h2>
        <span class={`chip chip-${server.ready ? 'good' : 'wait'}`}>
          <span class="chip-mark" aria-hidden="true" />
          {server.ready ? ready : notReady}
        </span>
      </div>
      {server.reason && <p class="quiet">{server.reason}</p>}
      <dl class="facts">
        {factsOf(server).map(([name, value]) => (
          <div key={name}>
            <dt>{fact[name]}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </li>
  );
}

function factsOf(server: Server): readonly (readonly [keyof typeof texts.servers.fact, string])[] {
  const { provider, gpu, models, in_flight, tiles_per_second } = server;
  const { work, speed, model, vram } = texts.servers;
  const facts: (readonly [keyof typeof texts.servers.fact, string | null | undefined])[] = [
    ['provider', gpu ? `${provider}, ${gpu.name}` : provider],
    ['vram', gpu && vram(gpu.vram_used_bytes, gpu.vram_total_bytes)],
    ['models', models.map(({ name, version, state }) => model(name, version, state)).join(', ')],
    ['work', work(in_flight)],
    ['speed', tiles_per_second > 0 ? speed(tiles_per_second) : null],
  ];
  return facts.filter((entry): entry is [keyof typeof texts.servers.fact, string] => !!entry[1]);
}
