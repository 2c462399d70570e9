/**
 * The least that an accept can be: `bun bare-main.ts FOLDER` takes bytes over HTTP, hashes them, and
 * writes and flushes them to a file. How long that takes on this machine now is what an accept of the
 * edge is compared with.
 */
import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';

const [folder = '.'] = process.argv.slice(2);

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
console.log(JSON.stringify({ ready: true, http: `127.0.0.1:${server.port}` }));
