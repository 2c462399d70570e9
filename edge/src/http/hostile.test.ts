import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { pairPhone } from '../_phone.ts';
import { postPhoto, spawnEdge, testPhoto, until, withEdge, withFolder } from '../_testing.ts';

setDefaultTimeout(60_000);

const LIMIT_MIB = 512;

/** A PNG of a few bytes whose header promises this many pixels a side. */
function bomb(side: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const crc = Buffer.alloc(4);
    crc.writeUInt32BE(Bun.hash.crc32(body));
    return Buffer.concat([length, body, crc]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', Buffer.from(Bun.deflateSync(Buffer.alloc(64)))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Files that want to be read as something else, by name and by what they are. */
async function polyglots(): Promise<Record<string, Buffer>> {
  const { bytes } = await testPhoto(3, 200, 200);
  const html = Buffer.from('<html><script>alert(1)</script>'.padEnd(200));
  return {
    'a page with a photo inside': Buffer.concat([html, bytes]),
    'an archive with a photo inside': Buffer.concat([Buffer.from('PK\x03\x04'.padEnd(64)), bytes]),
    'a document with a photo inside': Buffer.concat([Buffer.from('%PDF-1.7\n'.padEnd(64)), bytes]),
    'a drawing with a script': Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>',
    ),
    'a page behind the first bytes of a JPEG': Buffer.concat([
      Buffer.from([255, 216, 255, 224]),
      html,
    ]),
    'an animation': Buffer.from('GIF89a/*'.padEnd(100)),
  };
}

/** A form of this many parts. */
function form(parts: number, part: (index: number) => string): { body: string; type: string } {
  const all = Array.from({ length: parts }, (_, index) => `--x\r\n${part(index)}\r\n`);
  return { body: `${all.join('')}--x--\r\n`, type: 'multipart/form-data; boundary=x' };
}

describe('hostile clients', () => {
  test.skipIf(process.platform !== 'linux')(
    'bombs, polyglots and forms of 10,000 parts are refused by every door, in little memory',
    () =>
      withFolder(async (folder) => {
        const edge = await spawnEdge({ DEMETER_EDGE_DATA: folder });
        const phone = await pairPhone(edge.url, folder);
        const byPhone = async (bytes: Buffer) =>
          (await phone.patch(await phone.begin(bytes.length), 0, bytes)).status;
        const byScan = async (bytes: Buffer) =>
          (await phone.ask('/page/scan', { method: 'POST', body: new Uint8Array(bytes) })).status;

        const huge = bomb(50_000);
        expect((await postPhoto(edge.url, huge)).status).toBe(413);
        expect(await byPhone(huge)).toBe(413);
        expect(await byScan(huge)).toBe(413);
        for (const [what, bytes] of Object.entries(await polyglots())) {
          const statuses = [
            (await postPhoto(edge.url, bytes, { 'content-type': 'image/jpeg' })).status,
            await byPhone(bytes),
            await byScan(bytes),
          ];
          const refused = statuses.every((status) => status === 415 || status === 422);
          expect({ what, statuses, refused }).toMatchObject({ refused: true });
        }
        const forms = [
          form(10_000, (n) => `Content-Disposition: form-data; name="f${n}"\r\n\r\nv`),
          form(
            10_000,
            (n) => `Content-Disposition: form-data; name="photo"; filename="${n}"\r\n\r\nv`,
          ),
          form(1, () => `X: ${'y'.repeat(1_000_000)}\r\n\r\nv`),
        ];
        for (const { body, type } of forms) {
          const headers = { 'content-type': type };
          const answer = await fetch(`${edge.url}/photos`, { method: 'POST', headers, body });
          expect(answer.status).toBe(400);
        }
        const status = await readFile(`/proc/${edge.pid}/status`, 'utf8');
        const peakKib = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]);
        expect(peakKib / 1024).toBeLessThan(LIMIT_MIB);
        await edge.kill('SIGTERM');
      }),
  );

  test('an upload that trickles is cut, and goes on where it was', () =>
    withFolder((folder) =>
      withEdge(
        { DEMETER_EDGE_DATA: folder },
        async ({ url }) => {
          const phone = await pairPhone(url, folder);
          const { bytes } = await testPhoto(11);
          const upload = await phone.begin(bytes.length);
          const { hostname, port } = new URL(url);
          const socket = connect(Number(port), hostname);
          const lines = [
            ...[`PATCH ${upload} HTTP/1.1`, `host: ${hostname}:${port}`, 'tus-resumable: 1.0.0'],
            ...['content-type: application/offset+octet-stream', 'upload-offset: 0'],
            ...Object.entries(phone.headers).map(([name, value]) => `${name}: ${value}`),
            `content-length: ${bytes.length}`,
          ];
          socket.write(`${lines.join('\r\n')}\r\n\r\n`);
          const answer = await trickle(socket, bytes);
          expect(answer).toContain('504');
          const kept = await phone.offset(upload);
          expect(kept).toBeGreaterThan(0);
          expect(kept).toBeLessThan(bytes.length);
          // A busy machine may be too slow for this pace itself, and then goes on likewise.
          await until(async () => {
            const offset = await phone.offset(upload);
            return (await phone.patch(upload, offset, bytes.subarray(offset))).status === 204;
          }, 30_000);
        },
        { pace: { graceMs: 1000, bytesPerSecond: 1024 * 1024 } },
      ),
    ));

  test('hundreds of half-open requests keep nobody out', () =>
    withFolder((folder) =>
      withEdge({ DEMETER_EDGE_DATA: folder }, async ({ url }) => {
        const { hostname, port } = new URL(url);
        const sockets = await Promise.all(
          Array.from({ length: 300 }, async () => {
            const { promise, resolve, reject } = Promise.withResolvers<Socket>();
            const socket = connect(Number(port), hostname, () => resolve(socket));
            socket.on('error', reject);
            socket.write('POST /photos HTTP/1.1\r\nHost: box\r\nX-Slow: ');
            return await promise;
          }),
        );
        const { bytes } = await testPhoto(12, 400, 300);
        expect((await postPhoto(url, bytes)).status).toBe(201);
        for (const socket of sockets) socket.destroy();
      }),
    ));
});

/** Sends a few bytes at a time until the other side answers; resolves with what it said. */
async function trickle(socket: Socket, bytes: Buffer): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.on('data', (data) => resolve(String(data)));
  socket.on('error', () => resolve('reset'));
  let at = 0;
  const timer = setInterval(() => {
    socket.write(bytes.subarray(at, at + 64));
    at += 64;
  }, 20);
  try {
    return await promise;
  } finally {
    clearInterval(timer);
    socket.destroy();
  }
}
