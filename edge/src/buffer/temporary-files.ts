import { join } from 'node:path';
import type { Disk, DiskFile } from './disk.ts';
import type { Ids } from './ids.ts';

/** One that was created and has no name of its own yet. */
export interface TemporaryFile {
  readonly path: string;
  readonly file: DiskFile;
}

/** Created in one go: the process stands still meanwhile. */
const AT_ONCE_MAX = 16;

/**
 * The files of `tmp/`. While a file system writes its journal, which every flush has it do, whoever
 * creates a file in it waits: so those that all accepts under way will need are created in one go,
 * behind one wait.
 */
export class TemporaryFiles {
  readonly #spare: TemporaryFile[] = [];
  /** That claims have yet to take. */
  #claimed = 0;
  #creating: Promise<void> | null = null;

  constructor(
    private readonly disk: Disk,
    private readonly folder: string,
    private readonly ids: Ids,
  ) {}

  /** The path of a file that is still to be created. */
  newPath(): string {
    return join(this.folder, this.ids.uuid());
  }

  /** Says how many files will be taken; whoever claims ends the claim. */
  claim(files: number): Claim {
    this.#claimed += files;
    let left = files;
    return {
      take: async () => {
        const taken = await this.#take();
        left--;
        this.#claimed--;
        return taken;
      },
      end: async () => {
        this.#claimed -= left;
        left = 0;
        await this.#trim();
      },
    };
  }

  /** Removes what was being received when the process ended; answers how many files. */
  async reap(): Promise<number> {
    // What cannot be removed is nobody's photo, and stays.
    const names = await this.disk.list(this.folder);
    const removing = names.map((name) => this.disk.remove(join(this.folder, name)));
    const results = await Promise.allSettled(removing);
    return results.filter(({ status }) => status === 'fulfilled').length;
  }

  async #take(): Promise<TemporaryFile> {
    for (;;) {
      const spare = this.#spare.pop();
      if (spare) return spare;
      this.#creating ??= this.#create().finally(() => {
        this.#creating = null;
      });
      await this.#creating;
    }
  }

  /** Throws where not even one can be created. */
  async #create(): Promise<void> {
    const count = Math.min(this.#claimed, AT_ONCE_MAX);
    for (let created = 0; created < count; created++) {
      const path = this.newPath();
      try {
        this.#spare.push({ path, file: await this.disk.create(path) });
      } catch (error) {
        if (created === 0) throw error;
        return;
      }
    }
  }

  async #trim(): Promise<void> {
    while (this.#spare.length > this.#claimed) {
      const { path, file } = this.#spare.pop() as TemporaryFile;
      await file.close().catch(() => {});
      await this.disk.remove(path).catch(() => {});
    }
  }
}

export interface Claim {
  /** Throws what creating a file throws. */
  take(): Promise<TemporaryFile>;
  /** What was not taken is given up. */
  end(): Promise<void>;
}
