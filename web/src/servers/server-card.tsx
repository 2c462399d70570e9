import type { Server } from '../api/shapes.ts';
import { texts } from '../texts.ts';
import { now, timeAgo } from '../ui/time.ts';

type Fact = keyof typeof texts.servers.fact;

/** One inference server: what it runs on, its memory, its models, its work. */
export function ServerCard({ server }: { readonly server: Server }) {
  const { fact, ready, notReady } = texts.servers;
  const reasons = [...new Set([server.reason, server.provider_reason])].filter(Boolean);
  return (
    <li class="panel server">
      <div class="server-head">
        <h2>{server.address}</h2>
        <span class={`chip chip-${server.ready ? 'good' : 'wait'}`}>
          <span class="chip-mark" aria-hidden="true" />
          {server.ready ? ready : notReady}
        </span>
      </div>
      {reasons.map((reason) => (
        <p key={reason} class="quiet server-reason">
          {reason}
        </p>
      ))}
      {server.memory && <MemoryBar memory={server.memory} />}
      <dl class="facts">
        {factsOf(server).map(([name, value]) => (
          <div key={name}>
            <dt>{fact[name]}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Models server={server} />
    </li>
  );
}

/** Models, all else that is used, and what is free, of the memory that models may take. */
function MemoryBar({ memory }: { readonly memory: NonNullable<Server['memory']> }) {
  const { kind, total_bytes: total, models_bytes, other_bytes, used_bytes } = memory;
  const { memoryOf, memory: words, memoryLabel } = texts.servers;
  const share = (bytes: number) => `${total > 0 ? Math.min(100, (100 * bytes) / total) : 0}%`;
  const says = words(used_bytes, total, models_bytes);
  return (
    <div class="memory">
      <div class="memory-bar" role="img" aria-label={`${memoryLabel}: ${says}`}>
        <span class="memory-models" style={{ width: share(models_bytes) }} />
        <span class="memory-other" style={{ width: share(other_bytes) }} />
      </div>
      <span class="quiet">
        {kind === 'vram' ? memoryOf.vram : memoryOf.resident}: {says}
      </span>
    </div>
  );
}

function Models({ server }: { readonly server: Server }) {
  const { modelState, pinned, megabytes, usedAgo } = texts.servers;
  if (server.models.length === 0) return null;
  return (
    <ul class="server-models">
      {server.models.map((model) => {
        const { name, version, digest, state, bytes, reason, last_used_at } = model;
        const known = state in modelState ? (state as keyof typeof modelState) : 'unspecified';
        return (
          <li key={`${name}/${version}/${digest}`} class="server-model">
            <strong>
              {name} {version}
            </strong>
            <span class={`chip chip-${TONES[state] ?? 'plain'}`}>{modelState[known]}</span>
            {model.pinned && <span class="chip">{pinned}</span>}
            <span class="quiet server-model-facts">
              {[
                bytes > 0 && megabytes(bytes),
                last_used_at && usedAgo(timeAgo(last_used_at, now.value)),
              ]
                .filter(Boolean)
                .join(', ')}
            </span>
            {reason && <span class="quiet server-reason">{reason}</span>}
          </li>
        );
      })}
    </ul>
  );
}

const TONES: Readonly<Record<string, string>> = {
  ready: 'good',
  loading: 'work',
  unloading: 'work',
  unavailable: 'bad',
};

function factsOf(server: Server): readonly (readonly [Fact, string])[] {
  const { provider, gpu, in_flight, queued, tiles_per_second, photos_completed } = server;
  const { work, speed, counted, answers, lives } = texts.servers;
  const facts: (readonly [Fact, string | false | null | undefined])[] = [
    ['provider', gpu ? `${provider}, ${gpu.name}, ${gpu.utilization_percent} %` : provider],
    ['work', work(in_flight, queued)],
    ['speed', tiles_per_second > 0 && speed(tiles_per_second)],
    [
      'answers',
      server.inference_ms_p50 > 0 && answers(server.inference_ms_p50, server.inference_ms_p95),
    ],
    ['counted', photos_completed > 0 && counted(photos_completed, server.photos_failed)],
    ['lives', lives(server.evictions, server.fallbacks, server.restarts)],
  ];
  return facts.filter((entry): entry is [Fact, string] => !!entry[1]);
}
