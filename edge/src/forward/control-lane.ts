import type { Clock } from '@demeter/common/clock';
import type { Logger } from '@demeter/common/logger';
import { Type } from '@sinclair/typebox';
import type { CoreClient } from './core-client.ts';
import { Refusal, toLogFields } from './failures.ts';
import type { Heartbeat, HeartbeatAlarm } from './heartbeat.ts';

/** The box says how it is this often, and at once when what people must look at changes. */
const BEAT_MS = 60_000;
const LOOK_MS = 5_000;
/** Of the interval, either way: a fleet that was switched on at once drifts apart. */
const JITTER = 0.1;
/** A centre that knows no heartbeats is asked again this often. */
const UNKNOWN_MS = 3_600_000;
/** Headers and TLS around a small body. */
const OVERHEAD_BYTES = 1_000;

const Answer = Type.Object({
  server_time: Type.String(),
  /** Not of a centre of an earlier version. */
  configuration: Type.Optional(Type.Union([Type.String(), Type.Null()])),
});

export interface ControlLaneOptions {
  readonly core: Pick<CoreClient, 'ask'>;
  readonly alarms: () => HeartbeatAlarm[];
  readonly heartbeat: (alarms: readonly HeartbeatAlarm[]) => Heartbeat;
  /** Milliseconds until the core may be asked. */
  readonly coreWaitMs: () => number;
  /** By what the centre tells apart the configurations that this box should have; null: none. */
  readonly onConfiguration: (mark: string | null) => void;
  /** Counted as part of the link's traffic; never held back. */
  readonly onSent: (bytes: number) => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

/**
 * Lanes 0 and 1, telemetry and alarms: small requests on a way of their own, beside whatever
 * photos are under way and beyond every cap, budget and timetable.
 */
export class ControlLane {
  constructor(private readonly options: ControlLaneOptions) {}

  async run(signal: AbortSignal): Promise<void> {
    const { clock, alarms, coreWaitMs } = this.options;
    let told: string | null = null;
    let nextAt = 0;
    while (!signal.aborted) {
      const current = alarms();
      const codes = current.map(({ code }) => code).join();
      const isDue = clock.monotonic() >= nextAt || (told !== null && codes !== told);
      if (isDue && coreWaitMs() === 0) {
        nextAt = clock.monotonic() + (await this.#beat(current, signal));
        told = codes;
      }
      await clock.sleep(LOOK_MS, signal).catch(() => {});
    }
  }

  /** Answers the pause until the next one. */
  async #beat(alarms: readonly HeartbeatAlarm[], signal: AbortSignal): Promise<number> {
    const { core, heartbeat, onConfiguration, onSent, random, log } = this.options;
    const body = heartbeat(alarms);
    onSent(JSON.stringify(body).length + OVERHEAD_BYTES);
    try {
      const { configuration } = await core.ask('edge/heartbeat', Answer, signal, body);
      if (configuration !== undefined) onConfiguration(configuration);
    } catch (error) {
      if (error instanceof Refusal && error.code === 'NOT_FOUND') return UNKNOWN_MS;
      // What is wrong with the centre the forwarder finds and says.
      if (!signal.aborted) log.debug(toLogFields(error), 'the heartbeat did not get through');
    }
    return BEAT_MS * (1 - JITTER + 2 * JITTER * random());
  }
}
