import type { EdgeBox } from '../edge/box.ts';
import { Camera, hashOf } from '../edge/camera.ts';
import { requireLedger } from '../edge/ledger.ts';
import { must } from '../fault-case.ts';
import { until } from '../until.ts';
import type { LinkCase, LinkSystem } from './link-system.ts';
import type { Meddling } from './meddler.ts';

const ROUNDS = 15;
const PHOTOS = 3;
const PUT = /^PUT /;
const REGISTRATION = /^POST \/api\/v1\/edge\/photos/;

async function shoot(camera: Camera, box: EdgeBox): Promise<string[]> {
  const hashes: string[] = [];
  for (let photo = 0; photo < PHOTOS; photo++) {
    const bytes = camera.take();
    await camera.send(box, bytes);
    hashes.push(hashOf(bytes));
  }
  return hashes;
}

/** Whatever was repeated: one object, one photo, each sighting once. */
async function requireOneObject(system: LinkSystem, hashes: Iterable<string>): Promise<void> {
  for (const hash of hashes) {
    const objects = await system.objectsOf(hash);
    must(objects.length === 1, `objects of one photo: ${objects.join(' ')}`);
    const sightings = (await system.atCentre(hash))?.sightings.size;
    must(sightings === 1, `${sightings} sightings of one`);
  }
}

export const answerLost: LinkCase = {
  number: 16,
  title: 'reset after the body, before the answer: recognised, one object, one sighting',
  seconds: 120,
  run: async (system, { seed, quick }) => {
    const camera = await Camera.create(seed);
    const box = await system.farBox('answer-lost');
    await system.mend();
    await box.start();
    let lost = 0;
    for (let round = 0; round < (quick ? 1 : ROUNDS); round++) {
      const put: Meddling = { kind: 'swallow-answer', to: PUT, left: PHOTOS };
      const registered: Meddling = { kind: 'swallow-answer', to: REGISTRATION, left: PHOTOS };
      system.store.meddler.set(put);
      system.core.meddler.set(registered);
      await shoot(camera, box);
      await box.drained();
      lost += 2 * PHOTOS - put.left - registered.left;
    }
    must(lost > 0, 'answers were lost');
    await system.mend();
    const ledger = await requireLedger(system, camera, box);
    await requireOneObject(system, camera.acknowledged.keys());
    await box.stop();
    return { answers_lost: lost, ...ledger };
  },
};

export const flippedByte: LinkCase = {
  number: 17,
  title: 'a flipped bit on the way, there or back: the checksum and the signature refuse it',
  seconds: 120,
  run: async (system, { seed, quick }) => {
    const camera = await Camera.create(seed);
    const box = await system.farBox('flipped');
    await system.mend();
    await box.start();
    let flips = 0;
    for (let round = 0; round < (quick ? 1 : ROUNDS); round++) {
      const there: Meddling = { kind: 'flip-request', to: PUT, left: PHOTOS };
      const back: Meddling = { kind: 'flip-answer', to: REGISTRATION, left: PHOTOS };
      system.store.meddler.set(there);
      system.core.meddler.set(back);
      await shoot(camera, box);
      await box.drained();
      flips += 2 * PHOTOS - there.left - back.left;
    }
    must(flips > 0, 'bits were flipped');
    await system.mend();
    const ledger = await requireLedger(system, camera, box);
    await requireOneObject(system, camera.acknowledged.keys());
    const failures = await box.metric('demeter_edge_forward_errors_total');
    must(failures > 0, 'the box has noticed');
    await box.stop();
    return { bits_flipped: flips, failures_counted: failures, ...ledger };
  },
};

const PAGE = '<!doctype html><title>Welcome to the hotel</title><form>room number</form>';

/** What stands between a guest and the world says one of these to everything. */
const PORTALS: Readonly<Record<string, string>> = {
  'a page': answer('200 OK', 'text/html', PAGE),
  'a redirect to a page': `HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/login\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
  'empty JSON': answer('200 OK', 'application/json', '{}'),
  'JSON that looks right': answer(
    '200 OK',
    'application/json',
    JSON.stringify({ state: 'stored', photo_id: 'x', receipt: 'e30.e30.e30', keys: [] }),
  ),
  nothing: 'HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n',
  'plain text': answer('200 OK', 'text/plain', 'ok'),
};

function answer(status: string, type: string, body: string): string {
  const head = `HTTP/1.1 ${status}\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}`;
  return `${head}\r\nconnection: close\r\n\r\n${body}`;
}

export const captivePortal: LinkCase = {
  number: 18,
  title: 'a captive portal answers 200 to everything: nothing counts as sent, and it is said',
  seconds: 120,
  run: async (system, { seed, quick }) => {
    const camera = await Camera.create(seed);
    const box = await system.farBox('portal');
    await system.mend();
    await box.start();
    await camera.shoot(box);
    await box.drained();
    const meddlers = [system.core.meddler, system.store.meddler];
    const requests = () => meddlers.reduce((sum, meddler) => sum + meddler.requests.length, 0);
    const portals = Object.entries(PORTALS);
    for (const [name, said] of quick ? portals.slice(0, 2) : portals) {
      system.meddle({ kind: 'portal', answer: said });
      const before = requests();
      const hashes = await shoot(camera, box);
      await until(`${name} was met`, () => requests() >= before + 3);
      const told = async () => (await box.health()).core !== 'connected';
      await until(`${name}: the box says that this is not the core`, told);
      const { unsent } = await box.health();
      must(unsent === PHOTOS, `${name}: ${unsent} of ${PHOTOS} photos count as unsent`);
      for (const hash of hashes) {
        must((await box.photo(hash))?.state !== 'verified', `${name} is taken for a receipt`);
      }
      system.meddle({ kind: 'pass' });
      await box.drained();
    }
    await system.mend();
    const ledger = await requireLedger(system, camera, box);
    await box.stop();
    return { portals: quick ? 2 : portals.length, ...ledger };
  },
};
