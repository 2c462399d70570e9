import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { must } from '../fault-case.ts';
import { Camera, hashOf } from './camera.ts';
import type { EdgeCase } from './edge-case.ts';
import { requireLedger } from './ledger.ts';

const RSS_MB_MAX = 512;
const SAMPLE_MS = 100;
const PARTS = 10_000;
const SLOW_CLIENTS = 200;
const BOUNDARY = 'a-boundary';

/** A target of uploads, and how a photo is sent there. */
interface Door {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** Most resident memory of a process, in MB, while `run` goes on. */
async function peakMb(pid: number, run: () => Promise<void>): Promise<number> {
  let peak = 0;
  const look = () => {
    const kb = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    peak = Math.max(peak, Number(kb) / 1024);
  };
  const timer = setInterval(look, SAMPLE_MS);
  try {
    await run();
    look();
  } finally {
    clearInterval(timer);
  }
  return Math.round(peak);
}

/** A PNG of a few bytes that says it has 30,000 × 30,000 pixels. */
function pixelBomb(): Buffer {
  const header = Buffer.from(
    '89504e470d0a1a0a0000000d49484452000075300000753008020000000000000000000049454e44ae426082',
    'hex',
  );
  return header;
}

function multipartOf(parts: readonly string[]): Buffer {
  const delimiter = `--${BOUNDARY}\r\n`;
  return Buffer.from(`${delimiter}${parts.join(`\r\n${delimiter}`)}\r\n--${BOUNDARY}--\r\n`);
}

const field = (name: string) => `content-disposition: form-data; name="${name}"\r\n\r\nx`;

/** What is sent, with which type; each must be refused with 4xx. */
function hostileBodies(photo: Uint8Array): Readonly<Record<string, [string, Uint8Array]>> {
  const form = `multipart/form-data; boundary=${BOUNDARY}`;
  const manyParts = Array.from({ length: PARTS }, (_, index) => field(`field-${index}`));
  const page = Buffer.from('<script>alert(1)</script>');
  return {
    'a pixel bomb': ['image/png', pixelBomb()],
    'a page that calls itself a photo': ['image/jpeg', page],
    'a PDF in front of a photo': ['image/jpeg', Buffer.concat([Buffer.from('%PDF-1.7\n'), photo])],
    'a GIF that is a script': ['image/gif', Buffer.from('GIF89a=1;alert(1)//')],
    'ten thousand parts': [form, multipartOf(manyParts)],
    'a form without an end': [form, Buffer.from(`--${BOUNDARY}\r\n${field('photo')}`)],
    'a field of five megabytes': [
      form,
      multipartOf([
        `content-disposition: form-data; name="location_code"\r\n\r\n${'x'.repeat(5e6)}`,
      ]),
    ],
    nothing: ['image/jpeg', new Uint8Array()],
  };
}

async function refusesAll(door: Door, photo: Uint8Array): Promise<number> {
  const bodies = Object.entries(hostileBodies(photo));
  for (const [what, [type, body]] of bodies) {
    const answer = await fetch(door.url, {
      method: 'POST',
      headers: { ...door.headers, 'content-type': type },
      body: new Uint8Array(body),
      signal: AbortSignal.timeout(60_000),
    });
    const { status } = answer;
    await answer.text();
    must(status >= 400 && status < 500, `${door.name}: ${what} is answered with ${status}`);
  }
  return bodies.length;
}

/** Clients that never finish their request; answers how to let go of them. */
async function besiege({ url, headers }: Door): Promise<() => void> {
  const { port, pathname, host } = new URL(url);
  const sockets: Socket[] = [];
  for (let number = 0; number < SLOW_CLIENTS; number++) {
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => {});
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.once('connect', resolve);
    socket.once('close', resolve);
    await promise;
    const known = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const head = `POST ${pathname} HTTP/1.1\r\nhost: ${host}\r\n${known.join('')}`;
    // Half never end their head, the others never their body.
    if (number % 2 === 0) socket.write(`${head}x-slow: `);
    else socket.write(`${head}content-type: image/jpeg\r\ncontent-length: 1000000\r\n\r\n\xff`);
    sockets.push(socket);
  }
  const drip = setInterval(() => {
    for (const socket of sockets) if (socket.writable) socket.write('x');
  }, 1_000);
  return () => {
    clearInterval(drip);
    for (const socket of sockets) socket.destroy();
  };
}

export const hostile: EdgeCase = {
  number: 38,
  title: 'pixel bombs, polyglots, 10,000 parts, slow clients at edge and core: 4xx, below 512 MB',
  seconds: 60,
  run: async (system, { seed }) => {
    const camera = await Camera.create(seed);
    const box = await system.honestBox();
    await camera.shoot(box);
    const photo = camera.take();
    camera.forget(photo);
    const edgeDoor = { name: 'edge', url: `${box.url}/photos`, pid: box.pid, headers: {} };
    const coreDoor = {
      name: 'core',
      url: `${system.coreUrl}/api/v1/photos/upload`,
      pid: system.pid('core')!,
      headers: { authorization: `Bearer ${system.adminToken}` },
    };
    const seen: Record<string, number> = {};
    for (const door of [edgeDoor, coreDoor] satisfies Door[]) {
      const peak = await peakMb(door.pid, async () => {
        seen.refused = (seen.refused ?? 0) + (await refusesAll(door, photo));
        const letGo = await besiege(door);
        try {
          // Whoever is honest is served meanwhile.
          must(await camera.shoot(box), 'an honest camera is served');
          await box.drained();
        } finally {
          letGo();
        }
      });
      must(peak < RSS_MB_MAX, `${door.name} took ${peak} MB`);
      seen[`${door.name}_mb_max`] = peak;
    }
    must((await box.photo(hashOf(photo))) === undefined, 'nothing hostile is kept');
    const ledger = await requireLedger(system, camera, box);
    return { ...seen, slow_clients: SLOW_CLIENTS, ...ledger };
  },
};
