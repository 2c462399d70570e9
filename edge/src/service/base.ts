import { type Clock, systemClock } from '@demeter/common/clock';
import type { Logger } from '@demeter/common/logger';
import { Alarms } from '../alarms.ts';
import { type Boot, enterBoot, machineBoot } from '../buffer/boot.ts';
import type { Disk } from '../buffer/disk.ts';
import { type Ids, realIds } from '../buffer/ids.ts';
import { type Buffer, openBuffer } from '../buffer/open-buffer.ts';
import type { OpenedJournal } from '../buffer/open-journal.ts';
import { realDisk } from '../buffer/real-disk.ts';
import type { OnStep } from '../buffer/spool.ts';
import type { EdgeConfig } from '../config.ts';
import { type Credential, createCredential } from '../enrol/credential.ts';
import { identityTrouble, setSpoiltAside } from '../enrol/identity-file.ts';
import { Events } from '../events.ts';
import { realTransport, type Transport } from '../forward/transport.ts';
import type { Pace } from '../http/incoming.ts';
import { JudgeProcess } from '../judge/judge-process.ts';
import { Tuning } from '../tuning.ts';

/** What tests replace. */
export interface EdgeOverrides {
  readonly disk?: Disk;
  readonly clock?: Clock;
  readonly transport?: Transport;
  readonly ids?: Ids;
  /** The machine's start; where only the names are given, it is named by them. */
  readonly boot?: Omit<Boot, 'number'>;
  readonly random?: () => number;
  readonly openJournal?: () => OpenedJournal;
  readonly onStep?: OnStep;
  readonly judgeProcess?: JudgeProcess;
  readonly pace?: Pace;
}

/** What every part of the edge is made from. */
export interface Base extends Buffer {
  readonly config: EdgeConfig;
  readonly tuning: Tuning;
  readonly log: Logger;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly transport: Transport;
  readonly ids: Ids;
  readonly boot: Boot;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  readonly onStep: OnStep;
  readonly judgeProcess: JudgeProcess;
  readonly pace: Pace | undefined;
  readonly events: Events;
  readonly alarms: Alarms;
  /** What the centre knows this box by; null where no centre is configured. */
  readonly credential: Credential | null;
}

/** Takes the data folder, recovers, and says what people must know. Throws DATA_FOLDER_IN_USE. */
export async function openBase(
  config: EdgeConfig,
  log: Logger,
  overrides: EdgeOverrides,
): Promise<Base> {
  const { disk = realDisk, clock = systemClock, onStep = () => {}, openJournal } = overrides;
  const { transport = realTransport, ids = realIds(), random = Math.random } = overrides;
  const { dataFolder: folder, limits } = config;
  const copies = config.store !== null;
  const parts = { folder, limits, disk, ids, log, onStep, openJournal, copies };
  const buffer = await openBuffer(parts);
  const machine = overrides.ids ? { id: ids.uuid(), aheadMs: 0 } : machineBoot(ids.uuid());
  const boot = enterBoot(buffer.journal, overrides.boot ?? machine);
  const events = new Events();
  events.observe(buffer.journal, config.values.DEMETER_EDGE_BYTES_MAX);
  const alarms = new Alarms(log, events);
  const { rebuilt, renoted, broken, lost } = buffer.recovered;
  if (rebuilt) alarms.raise('journal_rebuilt', null);
  if (renoted > 0) alarms.raise('notes_spoilt', null);
  if (broken > 0) alarms.raise('bytes_changed', null);
  if (lost > 0) alarms.raise('photos_lost', null);
  const judgeProcess = overrides.judgeProcess ?? new JudgeProcess();
  const pace = overrides.pace;
  const credential = openCredential(config, { clock, transport, alarms });
  return {
    ...buffer,
    config,
    tuning: new Tuning(config.tuning),
    log,
    disk,
    clock,
    transport,
    ids,
    boot,
    random,
    onStep,
    judgeProcess,
    pace,
    events,
    alarms,
    credential,
  };
}

/** A damaged one keeps no box from taking photos: it is set aside, and people are told. */
function openCredential(
  config: EdgeConfig,
  { clock, transport, alarms }: Pick<Base, 'clock' | 'transport' | 'alarms'>,
): Credential | null {
  setSpoiltAside(config.dataFolder);
  const trouble = identityTrouble(config.dataFolder);
  if (trouble) alarms.raise('credential_spoilt', new Error(`identity.json is ${trouble}`));
  const onEnrolled = () => alarms.clear('credential_spoilt');
  return createCredential(config, { clock, transport, onEnrolled });
}
