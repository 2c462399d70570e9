import { AppError } from '@demeter/common/errors';
import { ANONYMOUS_CAMERA } from '../cameras.ts';
import type { Box } from './box.ts';
import { hashOf } from './centre.ts';
import type { Oracle } from './oracle.ts';
import type { Mistake } from './planted.ts';
import type { World } from './world.ts';

/** Photos as small as the intake takes them: headers of a JPEG, a comment of their own, an end. */
export function drawPhoto(world: World): Buffer {
  const frame = Buffer.from('ffd8ffc000080801e0028001', 'hex');
  const comment = world.random.bytes(16);
  const length = Buffer.from([0xff, 0xfe, 0, comment.length + 2]);
  return Buffer.concat([frame, length, comment, Buffer.from('ffda0002a1b2c3d4ffd9', 'hex')]);
}

const PHOTO_BYTES = 42;

/** No sidecar, no note. */
export const isPhoto = (bytes: Uint8Array) => bytes.length === PHOTO_BYTES;

/** Answers after which a camera keeps the photo and sends it again. */
const LATER = new Set([
  'STORAGE_FULL',
  'STORAGE_FAILED',
  'TOO_MANY_OPEN_FILES',
  'INTERNAL',
  'DRAINING',
]);
const RETRY_MS = { min: 20_000, max: 3_600_000 } as const;

/** Cameras that keep each photo until it is acknowledged, and remember that it was. */
export class Cameras {
  photos = 0;
  /** Photos that were not acknowledged yet. */
  waiting = 0;
  readonly #sent: Buffer[] = [];

  constructor(
    private readonly world: World,
    private readonly box: Box,
    private readonly oracle: Oracle,
    private readonly mistake: Mistake,
  ) {}

  /** A visit to the greenhouse: some photos, some of them twice, some spoilt. */
  shoot(): void {
    const { random } = this.world;
    for (let count = random.integer(1, 6); count > 0; count--) {
      const again = this.#sent.length > 0 && random.chance(0.1);
      const bytes = again ? random.pick(this.#sent) : drawPhoto(this.world);
      this.photos += again ? 0 : 1;
      this.#sent.push(bytes);
      this.#keep(bytes);
      if (random.chance(0.05)) this.#keep(bytes);
    }
    if (random.chance(0.1)) void this.#send(drawPhoto(this.world).subarray(0, 30));
  }

  #keep(bytes: Buffer): void {
    this.waiting++;
    void this.#untilAcknowledged(bytes, RETRY_MS.min);
  }

  async #untilAcknowledged(bytes: Buffer, pauseMs: number): Promise<void> {
    const { random } = this.world;
    const done = await this.#send(bytes);
    // An answer that is lost on the way is no answer.
    if (done && !random.chance(0.03)) {
      this.waiting--;
      return;
    }
    this.world.after(pauseMs * (0.5 + random.next()), 'world', () => {
      void this.#untilAcknowledged(bytes, Math.min(pauseMs * 2, RETRY_MS.max));
    });
  }

  async #send(bytes: Buffer): Promise<boolean> {
    const { intake, life } = this.box;
    const sha256 = hashOf(bytes);
    if (!intake || !life?.alive) return false;
    try {
      const accepting = intake.accept(this.#chunks(bytes), bytes.length, () => ({
        camera: { ...ANONYMOUS_CAMERA, code: 'cam-1' },
        fileName: null,
        capturedAt: null,
        capturedAtSource: 'none',
        locationCode: null,
        expectedSha256: null,
        correlationId: sha256.slice(0, 8),
        traceparent: null,
      }));
      accepting.catch(() => {});
      if (this.mistake.now('acknowledge-early')) {
        await Promise.race([this.box.untilStep('received'), accepting]);
        this.oracle.acknowledged(sha256, bytes, null);
        return true;
      }
      const { sightingId } = await Promise.race([accepting, life.ended]);
      this.oracle.acknowledged(sha256, bytes, sightingId);
      this.world.note(`camera: ${sha256.slice(0, 8)} acknowledged`);
      this.world.moved();
      return true;
    } catch (error) {
      const code = error instanceof AppError ? error.code : String(error);
      this.world.note(`camera: ${sha256.slice(0, 8)} not acknowledged: ${code}`);
      if (isPhoto(bytes) && error instanceof AppError && !LATER.has(error.code)) {
        this.oracle.violate(`a sound photo is refused: ${code}`);
      }
      return false;
    }
  }

  async *#chunks(bytes: Buffer): AsyncGenerator<Uint8Array> {
    const { random } = this.world;
    const half = random.integer(1, bytes.length - 1);
    yield bytes.subarray(0, half);
    await new Promise<void>((resolve) => {
      this.world.after(random.next() * 500, 'io', resolve);
    });
    if (random.chance(0.02)) throw new AppError('INTERNAL', 'the camera has gone');
    yield bytes.subarray(half);
  }
}
