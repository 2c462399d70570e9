import type { LocalStore } from '../buffer/local-store.ts';
import { CentreTime } from '../forward/centre-time.ts';
import { CoreClient } from '../forward/core-client.ts';
import { Forwarder } from '../forward/forwarder.ts';
import { Link } from '../forward/link.ts';
import { Receipts } from '../forward/receipts.ts';
import type { Base } from './base.ts';

/** Sending to the centre; null where none is configured. */
export function createForwarder(base: Base, localStore: LocalStore | null): Forwarder | null {
  const {
    tuning,
    config,
    journal,
    spool,
    clock,
    log,
    events,
    alarms,
    onStep,
    credential,
    transport,
  } = base;
  if (!config.core || !credential) return null;
  const time = new CentreTime(clock);
  const core = new CoreClient(config.core.url, credential, clock, transport, time);
  const link = new Link({
    journal,
    clock,
    now: () => time.now(),
    rules: () => ({ forwarding: tuning.forwarding, timeZone: tuning.timeZone }),
  });
  return new Forwarder({
    journal,
    spool,
    localStore,
    clock,
    boot: base.boot,
    log,
    core,
    receipts: new Receipts(core, credential, clock),
    transport,
    link,
    random: base.random,
    concurrency: config.values.DEMETER_EDGE_FORWARD_CONCURRENCY,
    onStep,
    onReceipt: () => events.receipts.inc(),
    onFailure: (kind) => events.forwardErrors.inc({ kind }),
    onAlarm: (kind, error) => alarms.raise(kind, error),
  });
}
