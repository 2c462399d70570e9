import { createHash } from 'node:crypto';
import { AppError } from '@demeter/common/errors';
import { derivedKey } from '@demeter/common/object-keys';
import { sql } from 'kysely';
import sharp from 'sharp';
import type { CoreContext } from '../context.ts';
import type { PhotoEye } from '../photos/photo-eye.ts';
import { readDetections } from './detections.ts';
import { drawOverlay } from './picture.ts';
import { readOriginal } from './read-original.ts';

/** Longest side of the overlay (decisions, "From photo to books") and of the thumbnail. */
const OVERLAY_PX = 2_048;
const THUMBNAIL_PX = 400;
/** 2 of libwebp's 0..6: half the time of 4 at 2,048 px for 2 % more bytes. */
const WEBP = { quality: 80, effort: 2 } as const;
/** What was left undrawn, because a process died between commit and drawing, is found by this. */
const LOOK_MS = 15_000;
const BATCH = 8;
const TRIES_MAX = 3;

// Each picture is drawn once: libvips need not remember it.
sharp.cache(false);

interface Undrawn {
  readonly organisation_id: string;
  readonly run_id: string;
  readonly sha256: Buffer;
  readonly object_key: string;
  readonly media_type: string;
  readonly width: number;
  readonly height: number;
}

type DrawerContext = Pick<CoreContext, 'db' | 'originals' | 'derived' | 'log'> & {
  /** Called when the pictures of a photo are there. */
  readonly onDrawn?: (organisationId: string, sha256: Buffer) => void;
  /** Called when an original cannot be read, or its pictures cannot be made. */
  readonly onFailed?: (organisationId: string, sha256: Buffer, error: unknown) => Promise<void>;
};

/**
 * Draws the pictures of the runs that sessions show, after their commit: overlay and thumbnail, in
 * WebP. Which are left is read from the database, so that one is drawn whoever died in between.
 */
export class Drawer {
  readonly #failed = new Map<string, number>();
  readonly #stopping = new AbortController();
  #wake = Promise.withResolvers<void>();
  #loop: Promise<void> | undefined;

  constructor(
    private readonly context: DrawerContext,
    private readonly eye: PhotoEye,
  ) {}

  start(): void {
    this.#loop ??= this.#drawForever();
  }

  wake(): void {
    this.#wake.resolve();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.wake();
    await this.#loop;
  }

  async #drawForever(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      this.#wake = Promise.withResolvers();
      const drawn = await this.#drawSome().catch((error: unknown) => {
        this.context.log.debug({ err: error }, 'nothing can be drawn now');
        return 0;
      });
      if (drawn === 0) await Promise.race([this.#wake.promise, Bun.sleep(LOOK_MS)]);
    }
  }

  /** Answers how many were drawn. */
  async #drawSome(): Promise<number> {
    let drawn = 0;
    for (const run of await this.#readUndrawn()) {
      if (this.#stopping.signal.aborted) break;
      try {
        await this.#draw(run);
        drawn++;
      } catch (error) {
        const tries = (this.#failed.get(run.run_id) ?? 0) + 1;
        // A store that is away is no fault of the photo.
        const away = error instanceof AppError && error.code === 'OBJECT_STORE_UNAVAILABLE';
        if (away) throw error;
        await this.context.onFailed?.(run.organisation_id, run.sha256, error);
        this.#failed.set(run.run_id, tries);
        this.context.log.warn({ err: error, run_id: run.run_id, tries }, 'pictures not drawn');
      }
    }
    return drawn;
  }

  async #readUndrawn(): Promise<Undrawn[]> {
    const givenUp = [...this.#failed].filter(([, tries]) => tries >= TRIES_MAX).map(([id]) => id);
    const { rows } = await sql<Undrawn>`
      select r.organisation_id, r.id as run_id, p.sha256, p.object_key, p.media_type, p.width,
             p.height
        from runs r
        join photos p on p.organisation_id = r.organisation_id and p.sha256 = r.sha256
        join photo_sessions s on s.organisation_id = p.organisation_id
                             and s.id = p.photo_session_id and s.current_run_id = r.id
       where r.state = 'completed' and r.overlay_key is null and not r.beside and p.state = 'stored'
         and p.width is not null and r.id <> all (${givenUp}::uuid[])
       order by r.completed_at limit ${BATCH}`.execute(this.context.db);
    return rows;
  }

  async #draw(run: Undrawn): Promise<void> {
    const { db, originals } = this.context;
    const { organisation_id: organisationId, run_id: runId, media_type: mediaType } = run;
    const bytes = await readOriginal(originals, run);
    const preview = await this.eye.preview({ bytes, mediaType, longSideMax: OVERLAY_PX });
    const { width, height } = preview;
    const svg = drawOverlay(await readDetections(db, { organisationId, runId }), run, preview);
    const photo = sharp(preview.data, { raw: { width, height, channels: 3 } });
    const overlay = await photo
      .clone()
      .composite([{ input: Buffer.from(svg) }])
      .webp(WEBP)
      .toBuffer();
    const thumbnail = await photo
      .clone()
      .resize(THUMBNAIL_PX, THUMBNAIL_PX, { fit: 'inside', withoutEnlargement: true })
      .webp(WEBP)
      .toBuffer();
    const overlayKey = await this.#put(run, 'overlay.webp', overlay);
    const thumbnailKey = await this.#put(run, 'thumbnail.webp', thumbnail);
    await db
      .updateTable('runs')
      .set({ overlay_key: overlayKey, thumbnail_key: thumbnailKey })
      .where('organisation_id', '=', organisationId)
      .where('id', '=', runId)
      .execute();
    this.context.onDrawn?.(organisationId, run.sha256);
  }

  async #put(run: Undrawn, name: string, bytes: Buffer): Promise<string> {
    const photo = { organisationId: run.organisation_id, sha256: run.sha256.toString('hex') };
    const key = derivedKey(photo, run.run_id, name);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    try {
      const options = { sha256, sizeBytes: bytes.length, mediaType: 'image/webp' };
      await this.context.derived.put(key, { bytes }, options);
    } catch (error) {
      // Drawn before by another core, or by another version of the encoder: that picture stands.
      if (!(error instanceof AppError) || error.code !== 'CONFLICT') throw error;
    }
    return key;
  }
}
