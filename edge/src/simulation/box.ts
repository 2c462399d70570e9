import type { Logger } from '@demeter/common/logger';
import { monotonicFactory } from 'ulid';
import type { Ids } from '../buffer/ids.ts';
import type { Intake } from '../buffer/intake.ts';
import { KeyedLock } from '../buffer/keyed-lock.ts';
import { LocalStore } from '../buffer/local-store.ts';
import type { EdgeConfig } from '../config.ts';
import { PhotoEye } from '../photos/photo-eye.ts';
import { openBase } from '../service/base.ts';
import { createIntake, createUpkeep } from '../service/buffering.ts';
import { createForwarding } from '../service/forwarding.ts';
import { createJudge } from '../service/judging.ts';
import { startLoops } from '../service/loops.ts';
import { createReconciler } from '../service/reconciling.ts';
import { createStandIns } from '../service/standing-in.ts';
import { HastyEye } from './hasty-eye.ts';
import { Life } from './life.ts';
import type { Network } from './network.ts';
import { diskOf, type Platter } from './simulated-disk.ts';
import type { JournalFile } from './simulated-journal.ts';
import { type StoreFaults, storeOf } from './simulated-store.ts';
import type { World } from './world.ts';

export interface BoxParts {
  readonly world: World;
  readonly config: EdgeConfig;
  readonly platter: Platter;
  readonly journal: JournalFile;
  readonly network: Network;
  /** Null: the spool itself is the buffer. */
  readonly store: StoreFaults | null;
}

/** That there is a store, and nothing of it: it is simulated. */
const NO_ADDRESS = { endpoint: '', bucket: '', accessKey: '', secretKey: '' };

/** A start that fails is tried again, as the service manager does. */
const RESTART_MS = 10_000;

/**
 * The box: its composition root as it is, on a simulated disk, journal, clock and network; without
 * its HTTP side, and with eyes that see in a photo what its hash says.
 */
export class Box {
  intake: Intake | null = null;
  life: Life | null = null;
  starts = 0;
  #powerCut = false;
  readonly #waiting = new Map<string, (() => void)[]>();

  constructor(private readonly parts: BoxParts) {}

  /** Resolves when a step of this name is done next. */
  untilStep(name: string): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.set(name, [...(this.#waiting.get(name) ?? []), resolve]);
    });
  }

  /** Starts the process, and again until it stays. */
  start(): void {
    const { world, platter, journal, store } = this.parts;
    if (this.life?.alive) return;
    if (this.#powerCut) {
      platter.cutPower();
      journal.cutPower(world.random);
      for (const key of store?.objects.keys() ?? []) {
        if (world.random.chance(0.1)) store?.objects.delete(key);
      }
    }
    this.#powerCut = false;
    const life = new Life(world);
    this.life = life;
    this.starts++;
    // The way up is as good a moment as any.
    if (world.random.chance(0.1)) life.endIn(world.random.integer(0, 200), () => this.end('kill'));
    world.note('the process starts');
    this.#run(life).catch((error: unknown) => {
      if (!life.alive) return;
      world.note(`the start failed: ${String(error)}`);
      life.end();
      world.after(RESTART_MS, 'world', () => this.start());
    });
  }

  /** Ends the process where it is; a power cut takes what was not flushed. */
  end(how: 'kill' | 'power'): void {
    const { world } = this.parts;
    if (!this.life?.alive) return;
    world.note(how === 'kill' ? 'the process is killed' : 'the power goes');
    this.life.end();
    this.intake = null;
    this.#powerCut = how === 'power';
    world.after(world.random.spread(1_000, 7_200_000), 'world', () => this.start());
  }

  /** Ends it at one of its next steps. */
  endSoon(how: 'kill' | 'power'): void {
    const { life } = this;
    this.parts.journal.inPeril ||= how === 'power';
    life?.endIn(this.parts.world.random.integer(0, 80), () => this.end(how));
  }

  async #run(life: Life): Promise<void> {
    const { world, config, platter, journal, network, store } = this.parts;
    const onStep = (name: string) => {
      for (const resolve of this.#waiting.get(name) ?? []) resolve();
      this.#waiting.delete(name);
      life.step(name);
    };
    const judgeProcess = new HastyEye(life);
    const base = await openBase(store ? { ...config, store: NO_ADDRESS } : config, logOf(world), {
      judgeProcess,
      disk: diskOf(platter, life),
      clock: life.clock,
      transport: network.transportOf(life),
      ids: idsOf(world),
      random: world.random.next,
      openJournal: () => journal.open(life),
      onStep,
    });
    const { spool, clock, log } = base;
    const localStore =
      store && new LocalStore(storeOf(store, platter, life), spool, base.journal, clock, log);
    const locks = new KeyedLock();
    const forwarding = createForwarding(base, localStore);
    const forwarder = forwarding?.forwarder ?? null;
    const wake = () => forwarder?.wake();
    const centreNow = () => forwarding?.time.now() ?? clock.now();
    const judge = createJudge(base, wake, () => false, centreNow);
    this.intake = createIntake(base, locks, () => {
      judge.wake();
      wake();
    });
    const keptNow = () => (forwarding ? forwarding.time.earliest() : clock.now());
    const upkeep = createUpkeep(base, locks, localStore, keptNow);
    const isSettled = upkeep.isSettled.bind(upkeep);
    const reconciler = createReconciler(base, locks, localStore, wake, isSettled);
    const standIns = createStandIns(base, new PhotoEye(judgeProcess), wake);
    const loops = [judge, upkeep, forwarder, reconciler, standIns];
    void startLoops(base, loops, new AbortController().signal);
  }
}

function idsOf({ random }: World): Ids {
  return {
    ulid: monotonicFactory(random.next),
    uuid: () => {
      const hex = random.bytes(16).toString('hex');
      return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    },
  };
}

/** What the box logs goes into the trace. */
function logOf(world: World): Logger {
  const line = (fields: unknown, message?: string) => {
    if (!world.traced) return;
    const { err, sha256 } = Object(fields) as { err?: unknown; sha256?: string };
    const about = sha256 ? ` ${sha256.slice(0, 8)}` : '';
    world.note(`box: ${message ?? String(fields)}${about}${err ? ` (${String(err)})` : ''}`);
  };
  const log = { debug: line, info: line, warn: line, error: line };
  return log as unknown as Logger;
}
