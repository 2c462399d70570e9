import { AppError } from '@demeter/common/errors';
import type { Logger } from '@demeter/common/logger';
import { sql } from 'kysely';
import type { Database, Handle } from '../db/database.ts';
import { fileKey, type OpenRollout, readHeld, readOpenRollout } from './open-rollout.ts';
import {
  chooseModel,
  chooseTogether,
  compareVersions,
  havingAll,
  modelsOf,
  type OfferedModel,
  type PipelineDefinition,
  parseModelNames,
  parseTiling,
  pipelineDigest,
  titleOf,
  toDefinition,
  type WantedModel,
} from './pipeline.ts';
import { isSampled } from './rollout-rules.ts';

/** A model that is gone for so long is given up for a lower version that is there. */
const STEP_DOWN_MS = 60_000;
/** How often the database is asked which pipeline another replica has activated. */
const READ_MS = 5_000;

export interface ActivePipeline {
  /** 32 bytes. */
  readonly digest: Buffer;
  readonly definition: PipelineDefinition;
}

/** What a photo is counted with; `rollout`: by both of its pipelines. */
export interface PhotoPipelines {
  readonly pipeline: ActivePipeline;
  readonly rollout?: OpenRollout;
}

export interface ActivePipelineOptions {
  readonly db: Database;
  readonly organisationId: string;
  readonly log: Logger;
  /** DEMETER_PLANTS_MODEL and DEMETER_TILING. */
  readonly plantsModel: string;
  readonly tiling: string;
}

/**
 * The pipeline that new photos are counted with. It is adopted from what inference servers have
 * loaded, and kept in the database: a core that restarts without any server still knows it.
 */
export class ActivePipelineStore {
  #active: ActivePipeline | undefined;
  #rollout: OpenRollout | undefined;
  #readAt = Number.NEGATIVE_INFINITY;
  #missingSince: number | undefined;
  readonly #wanted: readonly WantedModel[];

  constructor(private readonly options: ActivePipelineOptions) {
    parseTiling(options.tiling);
    this.#wanted = parseModelNames(options.plantsModel);
  }

  /** Throws NO_PIPELINE (503) where none was ever adopted, DATABASE_UNAVAILABLE. */
  async require(): Promise<ActivePipeline> {
    const active = await this.read();
    if (active) return active;
    throw new AppError(
      'NO_PIPELINE',
      `No inference server has offered the model ${this.options.plantsModel} yet.`,
      { retryAfterSeconds: 5 },
    );
  }

  /** The active pipeline; for a share of the photos, by their hash, both of an open rollout. */
  async forPhoto(sha256: Uint8Array): Promise<PhotoPipelines> {
    const pipeline = await this.require();
    const rollout = this.#rollout;
    if (rollout === undefined || !isSampled(sha256, rollout.percent)) return { pipeline };
    // Another pipeline was activated meanwhile: there is nothing to compare with.
    if (!rollout.stable.digest.equals(pipeline.digest)) return { pipeline };
    return { pipeline, rollout };
  }

  /** What was remembered is old: this core has changed it. */
  forget(): void {
    this.#readAt = Number.NEGATIVE_INFINITY;
  }

  async read(): Promise<ActivePipeline | undefined> {
    if (performance.now() - this.#readAt < READ_MS) return this.#active;
    const { db, organisationId } = this.options;
    this.#active = await readActive(db, organisationId);
    this.#rollout = await readOpenRollout(db, organisationId);
    // "None yet" is not remembered: the first server may come any moment.
    if (this.#active) this.#readAt = performance.now();
    return this.#active;
  }

  /**
   * Looks at what each server has loaded now, and of all that is `there`; activates another pipeline
   * where that asks for one. A file that is held back is never chosen so: a rollout or a person
   * activates it. Of several models each is waited for that is there but not loaded, until one
   * server has them all; one that is not there, e.g. because its manifest leaves it out of this
   * profile, takes no part. False: it is to be asked again, though nothing changes.
   */
  async adopt(
    loaded: readonly (readonly OfferedModel[])[],
    there: readonly OfferedModel[] = loaded.flat(),
  ): Promise<boolean> {
    const { tiling, db, organisationId, log } = this.options;
    const active = await this.read();
    const withheld = await readHeld(db, organisationId);
    const isFree = (model: OfferedModel) => !withheld.has(fileKey(model));
    const held = active ? modelsOf(active.definition) : [];
    const free = there.filter(isFree);
    const wanted = this.#wanted.filter((one) => chooseModel(one, free, undefined));
    const able = havingAll(
      wanted,
      loaded.map((models) => models.filter(isFree)),
    );
    const chosen = chooseTogether(wanted, able, held);
    if (chosen.length === 0) return true;
    if (this.#keeps(held, chosen, able.flat())) return false;
    const definition = toDefinition(chosen, parseTiling(tiling));
    const digest = pipelineDigest(definition);
    if (active?.digest.equals(digest)) return true;
    await db
      .insertInto('pipelines')
      .values({
        organisation_id: organisationId,
        digest,
        definition: JSON.stringify(definition),
      })
      .onConflict((conflict) =>
        conflict
          .columns(['organisation_id', 'digest'])
          .doUpdateSet({ activated_at: sql<Date>`clock_timestamp()` }),
      )
      .execute();
    this.#active = { digest, definition };
    this.#readAt = performance.now();
    log.info({ models: titleOf(definition) }, 'pipeline activated');
    return true;
  }

  /**
   * A lower version than the active one, or an ensemble without one of its models, is taken only
   * after that has been gone for a while; another file under the same version is a replacement and
   * is taken at once. `offered`: by servers that have all that is wanted.
   */
  #keeps(
    held: readonly OfferedModel[],
    chosen: readonly OfferedModel[],
    offered: readonly OfferedModel[],
  ): boolean {
    const isLost = ({ name, version, digest }: OfferedModel) => {
      const isNamed = this.#wanted.some(
        (one) => one.name === name && (one.version === undefined || one.version === version),
      );
      const next = chosen.find((one) => one.name === name);
      const isLess = next === undefined || compareVersions(next.version, version) < 0;
      return isNamed && isLess && !offered.some((one) => one.digest === digest);
    };
    if (!held.some(isLost)) {
      this.#missingSince = undefined;
      return false;
    }
    this.#missingSince ??= performance.now();
    return performance.now() - this.#missingSince < STEP_DOWN_MS;
  }
}

/** The pipeline that was activated last, from the database. */
export async function readActive(
  db: Handle,
  organisationId: string,
): Promise<ActivePipeline | undefined> {
  const row = await db
    .selectFrom('pipelines')
    .select(['digest', 'definition'])
    .where('organisation_id', '=', organisationId)
    .orderBy('activated_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && { digest: row.digest, definition: row.definition as unknown as PipelineDefinition };
}
