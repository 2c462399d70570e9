import { createHash } from 'node:crypto';
import { drawPhoto } from '../../system/photos.ts';
import { stamp } from '../../system/pictures.ts';
import { must } from '../fault-case.ts';

const PICTURES = 3;
/** Of one JPEG segment, its own length included. */
const SEGMENT_BYTES_MAX = 65_000;
const SEND_MS = 60_000;
const PAUSE_MS = 100;

export interface Acknowledged {
  readonly bytes: Uint8Array;
  /** Ids of the sightings that the edge answered for. */
  readonly sightings: Set<string>;
}

export interface EdgeAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Where a camera sends to; the address may be another one after each start. */
export interface Destination {
  readonly url: string;
}

let created = 0;

/**
 * A camera that keeps the ledger: which photos the edge has answered for, and which are still its
 * own. Each photo has its own hash: a few pictures, each with a comment that says which it is.
 */
export class Camera {
  /** By SHA-256. */
  readonly acknowledged = new Map<string, Acknowledged>();
  /** Taken and not acknowledged: they stay with the camera. */
  readonly kept = new Map<string, Uint8Array>();
  #taken = 0;

  private constructor(
    private readonly pictures: readonly Uint8Array[],
    private readonly name: string,
    /** Sent with each photo. */
    readonly headers: Readonly<Record<string, string>>,
  ) {}

  static async create(
    seed: number,
    name = 'camera',
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Camera> {
    const numbers = Array.from({ length: PICTURES }, (_, index) => seed * PICTURES + index);
    // Another camera of the same name and seed takes other photos.
    const own = `${name} ${seed} ${++created}`;
    return new Camera(await Promise.all(numbers.map(drawPhoto)), own, headers);
  }

  /** A photo that nobody has seen; `bytesMin`: filled up with comments to a size. */
  take(bytesMin = 0): Uint8Array {
    const number = this.#taken++;
    let photo = stamp(this.pictures[number % PICTURES]!, `${this.name} ${number}`);
    if (photo.length < bytesMin) {
      const missing = Math.ceil((bytesMin - photo.length) / SEGMENT_BYTES_MAX);
      const filling = Buffer.alloc(SEGMENT_BYTES_MAX, `${this.name} ${number}`).toString();
      for (let segment = 0; segment < missing; segment++) photo = stamp(photo, filling);
    }
    this.kept.set(hashOf(photo), photo);
    return photo;
  }

  /** Sends a photo once. No answer at all: undefined. */
  async send(
    to: Destination,
    bytes: Uint8Array,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<EdgeAnswer | undefined> {
    return await this.#send(to, bytes, new Uint8Array(bytes), headers);
  }

  /** Sends one half, and the other when `between` is done. */
  async sendInHalves(
    to: Destination,
    bytes: Uint8Array,
    between: () => Promise<void>,
  ): Promise<EdgeAnswer | undefined> {
    const middle = Math.floor(bytes.length / 2);
    const halves = [bytes.subarray(0, middle), bytes.subarray(middle)];
    const body = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const half = halves.shift();
        if (half === undefined) return controller.close();
        if (halves.length === 0) await between();
        controller.enqueue(new Uint8Array(half));
      },
    });
    return await this.#send(to, bytes, body, {});
  }

  async #send(
    { url }: Destination,
    bytes: Uint8Array,
    body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>,
    headers: Readonly<Record<string, string>>,
  ): Promise<EdgeAnswer | undefined> {
    const hash = hashOf(bytes);
    let answer: EdgeAnswer;
    try {
      const response = await fetch(`${url}/photos`, {
        method: 'POST',
        headers: { 'content-type': 'image/jpeg', ...this.headers, ...headers },
        body,
        signal: AbortSignal.timeout(SEND_MS),
      });
      answer = { status: response.status, body: (await response.json()) as EdgeAnswer['body'] };
    } catch {
      return undefined;
    }
    if (answer.status !== 200 && answer.status !== 201) return answer;
    must(answer.body.photo_id === hash, `answered for another photo: ${answer.body.photo_id}`);
    const known = this.acknowledged.get(hash) ?? { bytes, sightings: new Set() };
    known.sightings.add(String(answer.body.sighting_id));
    this.acknowledged.set(hash, known);
    this.kept.delete(hash);
    return answer;
  }

  /** Takes a photo and sends it once. Answers whether the edge answered for it. */
  async shoot(to: Destination, bytesMin = 0): Promise<boolean> {
    const bytes = this.take(bytesMin);
    await this.send(to, bytes);
    return this.acknowledged.has(hashOf(bytes));
  }

  /** Sends what is still here, as cameras do, until the edge has answered for all of it. */
  async sendKept(to: Destination, withinMs = 120_000): Promise<void> {
    const deadline = Date.now() + withinMs;
    for (const bytes of [...this.kept.values()]) {
      for (;;) {
        const answer = await this.send(to, bytes);
        if (answer && answer.status < 300) break;
        must(Date.now() < deadline, `not taken: ${JSON.stringify(answer ?? 'no answer')}`);
        await Bun.sleep(PAUSE_MS);
      }
    }
  }

  /** What the camera was told to take again, or what is not sent on purpose: no longer its own. */
  forget(bytes: Uint8Array): void {
    this.kept.delete(hashOf(bytes));
  }
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
