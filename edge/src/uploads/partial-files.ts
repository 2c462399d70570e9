import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { DurableFolders } from '@demeter/common/durable-files';
import type { Disk } from '../buffer/disk.ts';

/** Bytes of uploads that are under way: `uploads/<id>`, one file each. */
export class PartialFiles {
  readonly #folder: string;
  readonly #folders: DurableFolders;

  constructor(
    dataFolder: string,
    private readonly disk: Disk,
  ) {
    this.#folder = join(dataFolder, 'uploads');
    this.#folders = new DurableFolders(dataFolder, disk);
  }

  pathOf(id: string): string {
    return join(this.#folder, id);
  }

  /** An empty file whose name is flushed. */
  async create(id: string): Promise<void> {
    await this.#folders.ensure(this.#folder);
    const file = await this.disk.create(this.pathOf(id));
    await file.close();
    await this.disk.syncFolder(this.#folder);
  }

  /**
   * Writes from `offset` on; what lay there is not known to be whole and is overwritten.
   * `onSynced` hears how far the file is flushed: every `syncBytes`, and at the end, also when the
   * stream breaks. Answers the length then.
   */
  async write(
    id: string,
    offset: number,
    chunks: AsyncIterable<Uint8Array>,
    { syncBytes, onSynced }: { syncBytes: number; onSynced: (bytes: number) => void },
  ): Promise<number> {
    const file = await open(this.pathOf(id), 'r+');
    let written = offset;
    let synced = offset;
    let failed = false;
    const sync = async () => {
      failed = true;
      await this.disk.sync(file);
      failed = false;
      synced = written;
      onSynced(synced);
    };
    try {
      await file.truncate(offset);
      try {
        for await (const chunk of chunks) {
          for (let done = 0; done < chunk.length; ) {
            const { bytesWritten } = await file.write(chunk, done, chunk.length - done, written);
            done += bytesWritten;
            written += bytesWritten;
          }
          if (written - synced >= syncBytes) await sync();
        }
      } finally {
        // A failed flush is never repeated: the system may have dropped what it failed to write.
        if (!failed && written > synced) await sync();
      }
      return written;
    } finally {
      await file.close();
    }
  }

  read(id: string): AsyncIterable<Uint8Array> {
    return createReadStream(this.pathOf(id), { highWaterMark: 256 * 1024 });
  }

  /** -1 where there is no file. */
  async sizeOf(id: string): Promise<number> {
    return await this.disk.sizeOf(this.pathOf(id)).catch(() => -1);
  }

  async remove(id: string): Promise<void> {
    await this.disk.remove(this.pathOf(id));
  }

  /** Ids of all files. */
  async list(): Promise<string[]> {
    await this.#folders.ensure(this.#folder);
    return await this.disk.list(this.#folder);
  }
}
