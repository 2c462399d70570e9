import { useEffect } from 'preact/hooks';
import { texts } from '../texts.ts';
import { Empty, Failed, Loading } from '../ui/states.tsx';
import { RolloutPanel } from './rollout-panel.tsx';
import { ServerCard } from './server-card.tsx';
import { meshProblem, readMesh, showMesh, shown } from './servers-data.ts';

/** The inference servers that the core sees, what they hold, and the photos that wait for them. */
export function ServersPage() {
  useEffect(showMesh, []);
  const problem = meshProblem.value;
  if (!shown.value && problem) return <Failed problem={problem} onRetry={() => void readMesh()} />;
  if (!shown.value) return <Loading label={texts.loading} />;
  const { mesh, rollout } = shown.value;
  const { servers, queue, photos_per_second, tiles_per_second } = mesh;
  const { title, queue: waiting, rates, empty, emptyHint } = texts.servers;
  return (
    <>
      <div class="page-head">
        <h1>{title}</h1>
        <span class="quiet">
          {[
            waiting(queue.waiting, queue.leased),
            tiles_per_second > 0 && rates(photos_per_second, tiles_per_second),
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </div>
      {rollout && <RolloutPanel rollout={rollout} />}
      {servers.length === 0 ? (
        <Empty title={empty} hint={emptyHint} />
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
