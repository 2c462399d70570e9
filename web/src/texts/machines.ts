import { count, gigabytes, number } from './numbers.ts';

/** Servers, models on trial and boxes. */
export const machinesTexts = {
  servers: {
    title: 'Servers',
    queue: (waiting: number, leased: number) =>
      `${count(waiting, 'photo waits', 'photos wait')}, ${number.format(leased)} being counted`,
    ready: 'Ready',
    notReady: 'Not ready',
    empty: 'No counting server',
    emptyHint: 'Photos are kept and wait until one starts.',
    rates: (photos: number, tiles: number) =>
      `${photos.toFixed(1)} photos and ${tiles.toFixed(1)} tiles a second`,
    fact: {
      provider: 'Runs on',
      work: 'Work',
      speed: 'Speed',
      answers: 'A run takes',
      counted: 'Counted',
      lives: 'Since start',
    },
    memoryLabel: 'Memory',
    memoryOf: { vram: 'GPU memory', resident: 'Memory' },
    memory: (used: number, total: number, models: number) =>
      `${gigabytes(used)} of ${gigabytes(total)} GB, models ${gigabytes(models)}`,
    modelState: {
      unspecified: 'unknown',
      unloaded: 'not loaded',
      loading: 'loading',
      ready: 'ready',
      unloading: 'unloading',
      unavailable: 'unavailable',
    },
    pinned: 'pinned',
    megabytes: (bytes: number) => `${Math.round(bytes / 1e6)} MB`,
    usedAgo: (ago: string) => `used ${ago}`,
    work: (photos: number, queued: number) =>
      `${count(photos, 'photo', 'photos')} under way, ${number.format(queued)} in its queue`,
    speed: (tiles: number) => `${tiles.toFixed(1)} tiles a second`,
    answers: (median: number, slow: number) =>
      `${Math.round(median)} ms, one in twenty ${Math.round(slow)} ms or more`,
    counted: (done: number, failed: number) =>
      failed > 0
        ? `${count(done, 'photo', 'photos')}, ${number.format(failed)} failed`
        : count(done, 'photo', 'photos'),
    lives: (evictions: number, fallbacks: number, restarts: number) =>
      [
        evictions > 0 && count(evictions, 'model evicted', 'models evicted'),
        fallbacks > 0 && count(fallbacks, 'fallback', 'fallbacks'),
        restarts > 0 && count(restarts, 'restart', 'restarts'),
      ]
        .filter(Boolean)
        .join(', '),
  },

  boxes: {
    title: 'Boxes',
    listed: (boxes: number, alerts: number) =>
      [count(boxes, 'box', 'boxes'), alerts > 0 && count(alerts, 'alert', 'alerts')]
        .filter(Boolean)
        .join(' · '),
    empty: 'No boxes yet',
    emptyHint: 'Add one, and type its code in at the box.',
    columns: {
      name: 'Box',
      state: 'State',
      seen: 'Last seen',
      backlog: 'Photos waiting',
      oldest: 'Oldest of them',
      disk: 'Disk',
      version: 'Version',
      actions: 'Do',
    },
    states: {
      fine: 'In touch',
      old_credential: 'In touch, by token',
      waiting: 'Not yet here',
      alert: 'Needs you',
      revoked: 'Revoked',
    },
    alert: {
      silent: 'Not heard of for long',
      unsent: 'A photo waits too long',
      disk: 'Disk nearly full',
      clock: 'Clock is off',
    },
    clock: (ms: number) =>
      `${count(Math.round(Math.abs(ms) / 1000), 'second', 'seconds')} ${ms > 0 ? 'behind' : 'ahead'}`,
    alarm: (sentence: string) => `The box says: ${sentence}`,
    disk: (share: number) => `${Math.round(100 * share)} %`,
    never: 'never',
    code: 'Code',
    name: 'Name',
    add: 'Add a box',
    added: (code: string) => `${code} added.`,
    rename: 'Change the name',
    renamed: (name: string) => `Now called ${name}.`,
    makeCode: 'New code',
    codeMade: (name: string) => `${name} has a new code.`,
    codeFor: (box: string) => `One-time code of ${box}`,
    codeHint: 'Type it in at the box; it is shown only now.',
    codeUntil: (time: string) => `It works once, until ${time}.`,
    revoke: 'Revoke',
    revokeSure: (name: string) =>
      `Revoke ${name}? Nothing that it sends is taken any more; its photos stay on it.`,
    revoked: (name: string) => `${name} is revoked.`,
    remove: 'Remove',
    removeSure: (name: string) => `Remove ${name}? It was never here; its code ends.`,
    removed: (name: string) => `${name} is removed.`,
  },

  rollout: {
    title: (model: string) => `New version: ${model}`,
    progress: 'Photos compared',
    states: {
      shadow: 'Shadow',
      canary: 'Canary',
      promoted: 'Promoted',
      rolled_back: 'Rolled back',
    },
    sentence: {
      shadow: (stable: string, percent: number) =>
        `It counts ${percent} % of the photos beside ${stable}; nothing of it is booked.`,
      canary: (stable: string, percent: number) =>
        `It counts ${percent} % of the photos, and is booked there; ${stable} counts them beside it.`,
      promoted: (stable: string) => `It counts all new photos, instead of ${stable}.`,
      rolled_back: (stable: string) => `${stable} counts all new photos.`,
    },
    compared: (done: number, wanted: number) =>
      `${number.format(done)} of ${number.format(wanted)} photos compared`,
    drift: (share: number) =>
      `${share >= 0 ? '+' : '−'}${Math.abs(100 * share).toFixed(1)} % plants`,
    time: (ratio: number) => `${ratio.toFixed(2)} × the time`,
    ready: 'Ready to be promoted',
    onTrial: (phase: string) => `on trial (${phase})`,
  },
};
