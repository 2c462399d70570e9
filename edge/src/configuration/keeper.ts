import type { Clock } from '@demeter/common/clock';
import type { EdgeConfiguration } from '@demeter/common/edge-configuration/schema';
import type { Logger } from '@demeter/common/logger';
import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { OnStep } from '../buffer/spool.ts';
import type { CentreKeys } from '../enrol/centre-keys.ts';
import type { Credential } from '../enrol/credential.ts';
import type { CoreClient } from '../forward/core-client.ts';
import { DestinationFailure, Refusal, toLogFields } from '../forward/failures.ts';
import { Nudge } from '../nudge.ts';
import { Trouble } from '../trouble.ts';
import { readText } from './body.ts';
import { type ConfigurationFolder, checkVersion, type PulledVersion } from './folder.ts';
import {
  type HeldModels,
  hold,
  retreat,
  usable,
  type WantedModels,
  wantedModels,
} from './held-models.ts';
import { type Manifest, ManifestRefused, verifyManifest } from './manifest.ts';
import type { ModelKeeper } from './model-keeper.ts';
import {
  applied,
  decide,
  type Failure,
  failed,
  judgeTrial,
  NOTHING,
  ofBox,
  type PulledState,
  passed,
  started,
  stopped,
  worked,
} from './trial.ts';

const Answer = Type.Object({ manifest: Type.Union([Type.String(), Type.Null()]) });
const Taken = Type.Object({ taken: Type.Boolean() });

/** Some hundred pieces, as base64. */
const MANIFEST_BYTES_MAX = 1024 * 1024;
/** The centre is asked so often, by each box at its own moment. */
const PULL_MS = 5 * 60_000;
const LOOK_MS = 2_000;
/** A key that has signed the manifest may be new. */
const KEYS_AGE_MAX_MS = 5_000;

export interface KeeperOptions {
  readonly core: Pick<CoreClient, 'ask' | 'open'>;
  readonly centreKeys: Pick<CentreKeys, 'read'>;
  readonly credential: Credential;
  readonly folder: ConfigurationFolder;
  readonly models: Pick<ModelKeeper, 'want' | 'standOf' | 'prune'>;
  readonly clock: Clock;
  /** What time it is at the centre, as far as it is known: UTC milliseconds. */
  readonly centreNow: () => number;
  readonly random: () => number;
  readonly log: Logger;
  /** Brings a configuration into force at once; null: only what the box itself was told. */
  readonly use: (configuration: EdgeConfiguration | null) => void;
  readonly judgeWorks: () => boolean;
  /** The centre has answered lately. */
  readonly inContact: () => boolean;
  readonly onRolledBack: (reason: string) => void;
  readonly onRefused: (refusal: ManifestRefused) => void;
  readonly onStep: OnStep;
}

/** What people and the heartbeat are told. */
export interface ConfigurationStatus {
  readonly applied_version: number | null;
  readonly on_trial: boolean;
  readonly refused_version: number | null;
  readonly refused_reason: string | null;
}

/**
 * Pulls what the centre sets, brings it into force on trial, and goes back where that fails. Models
 * follow beside it (model-keeper.ts); only the state of all of it is kept here.
 */
export class ConfigurationKeeper {
  readonly #nudge: Nudge;
  readonly #jitter: number;
  #state: PulledState = NOTHING;
  #etag = '';
  #pulledAt: number | null = null;
  /** What the centre said last of what is there; undefined: nothing since a pull that failed. */
  #mark: string | null | undefined = undefined;
  #isAsked = false;
  #told = '';
  /** Of the version in force. */
  #wanted: WantedModels = {};
  /** Of the trial: monotonic milliseconds, and what is known since. */
  #trial = { since: 0, judgeWorked: true, contact: false };

  constructor(private readonly options: KeeperOptions) {
    this.#nudge = new Nudge(options.clock);
    this.#jitter = options.random();
  }

  get status(): ConfigurationStatus {
    const { applied: applied_version, trial, refused } = this.#state;
    return {
      applied_version,
      on_trial: trial !== null,
      refused_version: refused?.version ?? null,
      refused_reason: refused?.reason ?? null,
    };
  }

  /** Versions of models that may count here; of those that it does not name, any. */
  get models(): HeldModels {
    return usable(this.#state.models, this.#wanted);
  }

  /** The centre says what is there, by a mark of its own: another one than before is pulled at once. */
  heard(mark: string | null): void {
    if (mark === this.#mark) return;
    this.#mark = mark;
    this.#isAsked = true;
    this.#nudge.nudge();
  }

  /** Before the box begins to work: brings into force what was when it ended. */
  async load(): Promise<void> {
    const { folder, onRolledBack } = this.options;
    const before = await folder.readState();
    // Written before it is used: a version with which the box does not even start counts as one.
    const now = started(before);
    const isLeft = before.trial !== null && now.trial === null;
    await this.#write(isLeft ? await this.#leave(before, now) : now);
    if (isLeft) onRolledBack(now.refused?.reason ?? '');
    this.#beginTrial();
    await this.#use();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.options;
    // As on a full disk: what comes next may be what ends it.
    const unjudged = new Trouble(log, 'the trial of a configuration cannot be judged now');
    while (!signal.aborted) {
      await unjudged.hold(() => this.look());
      const wait =
        PULL_MS * (this.#pulledAt === null ? this.#jitter / 5 : 0.8 + 0.4 * this.#jitter);
      if (this.#isAsked || clock.monotonic() - (this.#pulledAt ?? 0) >= wait) {
        this.#pulledAt = clock.monotonic();
        this.#isAsked = false;
        await this.pull(signal).catch((error: unknown) => {
          if (signal.aborted) return;
          this.#mark = undefined;
          const isLink = error instanceof DestinationFailure || error instanceof Refusal;
          log[isLink ? 'debug' : 'warn'](toLogFields(error), 'no configuration can be pulled now');
        });
      }
      await this.#nudge.wait(LOOK_MS, signal);
    }
    await this.#write(stopped(this.#state));
  }

  /** Judges the trial, if there is one. */
  async look(): Promise<void> {
    const { applied, trial } = this.#state;
    if (!trial || applied === null) return;
    const { clock, judgeWorks, inContact, models, folder, log } = this.options;
    this.#trial.contact ||= inContact();
    const stand = models.standOf(applied);
    if (stand === 'served') await this.#hold();
    const verdict = judgeTrial({
      elapsedMs: clock.monotonic() - this.#trial.since,
      judgeWorks: judgeWorks(),
      judgeWorked: this.#trial.judgeWorked,
      contact: this.#trial.contact,
      worked: trial.worked === true,
      models: stand,
    });
    if (verdict === 'wait') return;
    if (verdict === 'worked') return await this.#write(worked(this.#state));
    if (verdict !== 'passed') return await this.#rollBack(verdict);
    await this.#write(passed(this.#state));
    await folder.prune([applied]);
    await models.prune(this.#state.models);
    log.info(this.status, 'the configuration has passed its trial');
  }

  /** Its models serve: they count from now on, though it may still be left. */
  async #hold(): Promise<void> {
    const held = Object.entries(this.#wanted).every(
      ([name, version]) => this.#state.models[name]?.[0] === version,
    );
    if (held) return;
    await this.#write({ ...this.#state, models: hold(this.#state.models, this.#wanted) });
    await this.options.models.prune(this.#state.models);
  }

  /**
   * Asks the centre once; what it gives is verified, pulled whole, and brought into force.
   * Throws DestinationFailure, Refusal, and what the disk throws.
   */
  async pull(signal: AbortSignal): Promise<void> {
    const { core, credential, onRefused } = this.options;
    const identity = credential.identity();
    if (identity) await this.#become(identity.edgeId);
    const headers = { 'if-none-match': this.#etag, 'demeter-held': await this.#held() };
    const answer = await core.open('edge/configuration', headers, signal);
    if (answer.status !== 304) {
      const value = parseJson(await this.#text(answer, MANIFEST_BYTES_MAX, signal));
      if (!Value.Check(Answer, value)) {
        throw new DestinationFailure('core', 'wrong_answer', 'that is no configuration');
      }
      try {
        if (value.manifest !== null && (await this.#take(value.manifest, signal))) {
          this.#etag = answer.headers.get('etag') ?? '';
        }
      } catch (error) {
        if (!(error instanceof ManifestRefused)) throw error;
        onRefused(error);
      }
    }
    await this.#tell(signal);
  }

  /** What the centre may have forgotten in a restore, and must go beyond (docs/protocols.md). */
  async #held(): Promise<string> {
    const { applied: version, highest } = this.#state;
    const sha256 = version === null ? null : await this.options.folder.manifestSha256(version);
    const known = sha256 === null ? [] : [`${version}:${sha256}`];
    return [...known, ...(highest > 0 && highest !== version ? [highest] : [])].join(', ');
  }

  /** False: it is not in force yet, and is to be asked for again. */
  async #take(jws: string, signal: AbortSignal): Promise<boolean> {
    const { centreKeys, credential, centreNow, folder, log, onStep } = this.options;
    const identity = credential.identity();
    if (!identity) return false;
    const keys = await centreKeys.read(KEYS_AGE_MAX_MS, signal);
    const manifest = await verifyManifest(jws, keys, identity);
    const decision = decide(this.#state, manifest.version);
    if (decision === 'older') {
      throw new ManifestRefused('older', `version ${manifest.version} was replaced before`);
    }
    if (decision !== 'apply') return true;
    if (Date.parse(manifest.not_before ?? '') > centreNow()) return false;
    const version = await this.#fetchVersion(jws, manifest, signal);
    onStep('configuration pulled');
    await folder.writeVersion(manifest.version, version);
    onStep('configuration written');
    await this.#write(applied(this.#state, manifest.version));
    onStep('configuration applied');
    this.#beginTrial();
    await this.#use();
    log.info({ version: manifest.version }, 'the centre’s configuration is in force, on trial');
    return true;
  }

  async #fetchVersion(
    jws: string,
    manifest: Manifest,
    signal: AbortSignal,
  ): Promise<PulledVersion> {
    const { core } = this.options;
    const piece = manifest.pieces.find(({ name }) => name === 'configuration');
    if (!piece) throw new ManifestRefused('changed', 'it names no configuration');
    const answer = await core.open(`edge/configuration/pieces/${piece.sha256}`, {}, signal);
    const document = await this.#text(answer, piece.size_bytes, signal);
    const version = { manifest: jws, document };
    checkVersion(version);
    return version;
  }

  async #text(answer: Response, bytesMax: number, signal: AbortSignal): Promise<string> {
    return await readText(answer, { clock: this.options.clock, bytesMax, signal });
  }

  async #rollBack(failure: Failure): Promise<void> {
    const { models, onRolledBack, log } = this.options;
    await this.#write(await this.#leave(this.#state, failed(this.#state, failure)));
    log.error(this.status, 'the configuration failed its trial; the last good one is in force');
    onRolledBack(failure.reason);
    await this.#use();
    if (!failure.again) await models.prune(this.#state.models);
    // Told at once, and asked for again where it may have been no fault of its own.
    this.#etag = '';
    this.#isAsked = true;
  }

  /** With a version its models are left too. */
  async #leave(before: PulledState, now: PulledState): Promise<PulledState> {
    const from = await this.#modelsOf(before.applied);
    const to = await this.#modelsOf(now.applied);
    const again = now.refused?.again === true;
    return { ...now, models: retreat(now.models, { from, to, again }) };
  }

  /** None of a version that is not here, or is spoilt. */
  async #modelsOf(version: number | null): Promise<WantedModels> {
    if (version === null) return {};
    const content = await this.options.folder.readVersion(version).catch(() => null);
    return wantedModels(content?.models ?? []);
  }

  /** The box may have been enrolled as another since. */
  async #become(edgeId: string): Promise<void> {
    const before = this.#state;
    await this.#write(ofBox(before, edgeId));
    if (before.box === null || before.box === edgeId) return;
    [this.#etag, this.#told] = ['', ''];
    await this.#use();
  }

  #beginTrial(): void {
    const { clock, judgeWorks } = this.options;
    this.#trial = { since: clock.monotonic(), judgeWorked: judgeWorks(), contact: false };
  }

  /** What the state says is in force; a version whose file was spoilt is none. */
  async #use(): Promise<void> {
    const { folder, models, use, onRefused } = this.options;
    for (;;) {
      const { applied: version } = this.#state;
      try {
        const content = version === null ? null : await folder.readVersion(version);
        const files = content?.models ?? [];
        this.#wanted = wantedModels(files);
        models.want(version, files);
        return use(content?.configuration ?? null);
      } catch (error) {
        if (version === null || !(error instanceof ManifestRefused)) throw error;
        onRefused(error);
        const good = this.#state.good === version ? null : this.#state.good;
        // It may be pulled again: the centre's is whole.
        await this.#write({
          ...this.#state,
          applied: good,
          good,
          trial: null,
          highest: version - 1,
        });
      }
    }
  }

  async #write(state: PulledState): Promise<void> {
    if (state === this.#state) return;
    await this.options.folder.writeState(state);
    this.#state = state;
  }

  async #tell(signal: AbortSignal): Promise<void> {
    const text = JSON.stringify(this.status);
    if (text === this.#told) return;
    await this.options.core.ask('edge/configuration/state', Taken, signal, this.status);
    this.#told = text;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
