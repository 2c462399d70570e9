import { type CoreClient, type CorePhoto, CoreRefusal } from '../system/core-client.ts';
import { isSettled } from './outcome.ts';

const POLL_MS = 250;
/** Longest time without any change of any photo before the demo gives up waiting. */
const STILL_MS = 180_000;

/** Waits for photos, all by one reading of the core's newest ones. */
export class Follower {
  readonly #waiting = new Map<string, PromiseWithResolvers<CorePhoto | undefined>>();
  #running: Promise<void> | undefined;
  #lastChange = Date.now();
  readonly #states = new Map<string, string>();

  constructor(
    private readonly core: CoreClient,
    private readonly signal: AbortSignal,
  ) {}

  /** The photo once nothing more happens to it by itself; undefined if that does not come. */
  async settled(photoId: string): Promise<CorePhoto | undefined> {
    let entry = this.#waiting.get(photoId);
    if (!entry) {
      entry = Promise.withResolvers();
      this.#waiting.set(photoId, entry);
      this.#lastChange = Date.now();
    }
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return await entry.promise;
  }

  async #run(): Promise<void> {
    while (this.#waiting.size > 0) {
      if (this.signal.aborted || Date.now() - this.#lastChange > STILL_MS) {
        for (const entry of this.#waiting.values()) entry.resolve(undefined);
        this.#waiting.clear();
        return;
      }
      for (const id of [...this.#waiting.keys()]) await this.#look(id);
      await Bun.sleep(POLL_MS);
    }
  }

  async #look(id: string): Promise<void> {
    const photo = await this.#read(id);
    if (!photo) return;
    const state = JSON.stringify([photo.state, photo.session.state, photo.run?.state]);
    if (this.#states.get(id) !== state) this.#lastChange = Date.now();
    this.#states.set(id, state);
    if (!isSettled(photo)) return;
    this.#waiting.get(id)?.resolve(photo);
    this.#waiting.delete(id);
  }

  /** Undefined while the edge has not registered it, or the core is busy. */
  async #read(id: string): Promise<CorePhoto | undefined> {
    try {
      return await this.core.get<CorePhoto>(`/photos/${id}`);
    } catch (error) {
      if (error instanceof CoreRefusal && error.status !== 404 && error.status < 500) throw error;
      return undefined;
    }
  }
}
