/** Answers of the core as rows for people. */

interface ModelVersion {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly role: string;
  readonly active: boolean;
  readonly held: string | null;
  readonly servers: readonly {
    readonly server_id: string;
    readonly state: string;
    readonly provider: string;
    readonly bytes: number;
    readonly pinned: boolean;
    readonly reason: string;
  }[];
}

export interface Models {
  readonly models: readonly ModelVersion[];
}

export interface Change {
  /** Of an upload. */
  readonly warning?: string | null;
  readonly servers: readonly {
    readonly server_id: string;
    readonly done: boolean;
    readonly code: string | null;
    readonly message: string | null;
    readonly hint: string | null;
  }[];
}

export interface Rollout {
  readonly id: string;
  readonly model: string;
  readonly stable_model: string;
  readonly state: string;
  readonly percent: number;
  readonly verdict: string | null;
  readonly reason: string;
  readonly phase_at: string;
  readonly ended_at: string | null;
}

type Row = Readonly<Record<string, unknown>>;

/** One row a version and server. */
export function modelRows({ models }: Models): Row[] {
  return models.flatMap(({ name, version, digest, role, active, held, servers }) =>
    servers.map((server) => ({
      model: `${name}/${version}`,
      role: role || 'none',
      file: digest.slice(0, 12),
      counts: active ? 'yes' : (held ?? ''),
      server: server.server_id,
      state: server.state,
      provider: server.provider,
      MB: Math.round(server.bytes / 1e6),
      pinned: server.pinned ? 'yes' : '',
      reason: server.reason,
    })),
  );
}

export function changeRows({ servers }: Change): Row[] {
  return servers.map(({ server_id, done, code, message, hint }) => ({
    server: server_id,
    done: done ? 'yes' : 'no',
    why: code === null ? '' : [`${code}: ${message}`, hint].filter(Boolean).join(' '),
  }));
}

/** One that has ended says how, and waits for nothing. */
export function rolloutRow(rollout: Rollout): Row {
  const { model, stable_model, state, percent, verdict, reason, phase_at, ended_at } = rollout;
  const isOpen = ended_at === null;
  return {
    ...{ model, instead_of: stable_model, state: state.replace('_', ' ') },
    percent: isOpen ? percent : '',
    verdict: verdict ?? (isOpen ? 'not yet' : ''),
    ...{ reason, since: phase_at },
  };
}
