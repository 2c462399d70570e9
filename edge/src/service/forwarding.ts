import packageJson from '../../package.json' with { type: 'json' };
import type { LocalStore } from '../buffer/local-store.ts';
import { fullness } from '../buffer/when-full.ts';
import type { ConfigurationKeeper } from '../configuration/keeper.ts';
import { CentreKeys } from '../enrol/centre-keys.ts';
import { alarmsOf } from '../forward/alarm-sentences.ts';
import { type BoxState, parkedPhotos, readHeartbeat } from '../forward/box-state.ts';
import { CentreTime } from '../forward/centre-time.ts';
import { ControlLane } from '../forward/control-lane.ts';
import { CoreClient } from '../forward/core-client.ts';
import { Forwarder } from '../forward/forwarder.ts';
import { Link } from '../forward/link.ts';
import { Receipts } from '../forward/receipts.ts';
import type { Judge } from '../judge/judge.ts';
import type { Upkeep } from '../upkeep.ts';
import type { Base } from './base.ts';

export interface Forwarding {
  readonly forwarder: Forwarder;
  readonly core: CoreClient;
  readonly link: Link;
  readonly time: CentreTime;
  readonly centreKeys: CentreKeys;
}

/** Sending to the centre; null where none is configured. */
export function createForwarding(base: Base, localStore: LocalStore | null): Forwarding | null {
  const { tuning, config, credential, transport, events, alarms, clock, journal } = base;
  if (!config.core || !credential) return null;
  const time = new CentreTime(clock);
  const core = new CoreClient(config.core.url, credential, clock, transport, time);
  const link = new Link({
    journal,
    clock,
    now: () => time.now(),
    rules: () => ({ forwarding: tuning.forwarding, timeZone: tuning.timeZone }),
  });
  const centreKeys = new CentreKeys({
    ...base,
    core,
    credential,
    dataFolder: config.dataFolder,
    onStrangers: (there) =>
      there
        ? alarms.raise('centre_keys_strange', new Error('nothing here vouches for them'))
        : alarms.clear('centre_keys_strange'),
  });
  const forwarder = new Forwarder({
    ...base,
    localStore,
    core,
    receipts: new Receipts(centreKeys, credential),
    link,
    concurrency: config.values.DEMETER_EDGE_FORWARD_CONCURRENCY,
    onReceipt: () => events.receipts.inc(),
    onFailure: (kind) => events.forwardErrors.inc({ kind }),
    onAlarm: (kind, error) => alarms.raise(kind, error),
  });
  return { forwarder, core, link, time, centreKeys };
}

interface ControlLaneParts {
  readonly upkeep: Upkeep;
  readonly judge: Judge;
  readonly keeper: ConfigurationKeeper | null;
}

/** Saying how the box is; null where no centre is configured. */
export function createControlLane(
  base: Base,
  forwarding: Forwarding | null,
  { upkeep, judge, keeper }: ControlLaneParts,
): ControlLane | null {
  if (!forwarding) return null;
  const { forwarder, core, link, time } = forwarding;
  const { config, journal, clock, boot, alarms, log, random } = base;
  const quotaBytes = config.values.DEMETER_EDGE_BYTES_MAX;
  const state: BoxState = {
    journal,
    clock,
    time,
    boot,
    quotaBytes,
    version: packageJson.version,
    cameras: config.cameras.map(({ code }) => code),
    configVersion: () => keeper?.status.applied_version?.toString() ?? null,
  };
  return new ControlLane({
    core,
    clock,
    random,
    log,
    coreWaitMs: () => forwarder.coreWaitMs,
    onConfiguration: (mark) => keeper?.heard(mark),
    onSent: (bytes) => void link.charge(bytes),
    heartbeat: (told) => readHeartbeat(state, told),
    alarms: () =>
      alarmsOf({
        raised: alarms.raised,
        troubles: forwarder.troubles,
        fullness: fullness(journal.heldBytes(), quotaBytes),
        closed: forwarder.closed,
        judgeFailed: !judge.available,
        localStoreTrouble: upkeep.storeTrouble,
        clockTrouble: time.trouble,
        parkedPhotos: parkedPhotos(journal),
      }),
  });
}
