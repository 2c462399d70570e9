import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The least that an accept can be: takes bytes over HTTP, hashes them, writes and flushes them to a
 * file of the folder. How long that takes on this machine now is what an accept is compared with.
 */
export function startBareWriter(folder: string) {
  mkdirSync(folder);
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: async (request) => {
      const bytes = new Uint8Array(await request.arrayBuffer());
      const hash = createHash('sha256').update(bytes).digest('hex');
      const path = join(folder, crypto.randomUUID());
      const handle = await open(path, 'wx');
      await handle.writeFile(bytes);
      await handle.sync();
      await handle.close();
      await rm(path);
      return Response.json({ hash }, { status: 201 });
    },
  });
  return { url: server.url.href, stop: () => server.stop(true) };
}
