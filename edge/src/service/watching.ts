import type { Intake } from '../buffer/intake.ts';
import { WatchedFolder } from '../watch/watched-folder.ts';
import type { Base } from './base.ts';

/** Folders into which cameras drop files; `keptNow` as the janitor takes it. */
export function createWatchers(
  { config, clock, log, events }: Base,
  intake: Intake,
  keptNow: () => number | null,
): WatchedFolder[] {
  return config.watches.map(
    (watch) =>
      new WatchedFolder({
        ...watch,
        intake,
        clock,
        keptNow,
        log,
        onRefused: (code) => events.refused.inc({ code }),
        onRemoved: (files) => events.refusedRemoved.inc(files),
      }),
  );
}
