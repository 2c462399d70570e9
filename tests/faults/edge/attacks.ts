import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../system/program.ts';
import { must } from '../fault-case.ts';
import { until } from '../until.ts';
import { Camera, hashOf } from './camera.ts';
import {
  type Answered,
  call,
  EnrolledBox,
  grantBody,
  OwnKey,
  partsOf,
  registrationBody,
  signedWithSecret,
} from './credentials.ts';
import type { EdgeCase } from './edge-case.ts';
import type { EdgeSystem } from './edge-system.ts';
import { requireLedger } from './ledger.ts';

/** A box that works before the attack must work after it: photos flow, the ledger holds. */
async function aroundHonestBox(
  system: EdgeSystem,
  seed: number,
  attack: (camera: Camera) => Promise<Record<string, unknown>>,
) {
  const camera = await Camera.create(seed);
  const box = await system.honestBox();
  await camera.shoot(box);
  const seen = await attack(camera);
  await camera.shoot(box);
  const ledger = await requireLedger(system, camera, box);
  return { ...seen, ...ledger };
}

function requireStatus({ status, text }: Answered, wanted: readonly number[], what: string): void {
  must(wanted.includes(status), `${what}: ${status} ${text.slice(0, 200)}`);
}

export const tokens: EdgeCase = {
  number: 35,
  title: 'forged tokens: none, another algorithm, wrong aud, typ, kid, time, retired key: 401',
  seconds: 15,
  run: async (system, { seed }) =>
    await aroundHonestBox(system, seed, async (camera) => {
      const box = await EnrolledBox.create(system, 'tokens');
      const good = await box.token();
      const { header, claims } = partsOf(good);
      const bytes = camera.take();
      camera.forget(bytes);
      const body = grantBody(bytes);
      const ask = (token: string) => call(system, 'POST', '/edge/grants', { token, body });
      requireStatus(await ask(good), [200], 'the box’s own token');
      const thief = new OwnKey();
      const { keys } = JSON.parse((await call(system, 'GET', '/keys')).text) as {
        keys: readonly { x: string }[];
      };
      const past = { iat: 1_700_000_000, exp: 1_700_000_600 };
      const [head = '', payload = '', signature = ''] = good.split('.');
      const none = (alg: string) =>
        `${Buffer.from(JSON.stringify({ ...header, alg })).toString('base64url')}.${payload}.`;
      const forged: Readonly<Record<string, string>> = {
        none: none('none'),
        'None, spelled otherwise': none('nOnE'),
        'no signature': `${head}.${payload}.`,
        'the public key as an HMAC secret': signedWithSecret(
          { ...header, alg: 'HS256' },
          claims,
          keys[0]!.x,
        ),
        'an empty HMAC secret': signedWithSecret({ ...header, alg: 'HS256' }, claims, ' '),
        'another key, the same kid': thief.sign(header, claims),
        'a kid that is a path': thief.sign({ ...header, kid: '../../../dev/null' }, claims),
        'a kid that is SQL': thief.sign({ ...header, kid: "' or 1=1 --" }, claims),
        'a key that it brings along': thief.sign({ ...header, jwk: thief.publicJwk }, claims),
        'another box, the same signature': `${head}.${Buffer.from(
          JSON.stringify({ ...claims, sub: 'edge:01890000-0000-7000-8000-000000000001' }),
        ).toString('base64url')}.${signature}`,
        'an assertion for a token': box.assertion(),
        'an assertion of the wrong audience': box.assertion({ aud: 'demeter-edge' }),
        'a time long past': thief.sign(header, { ...claims, ...past }),
        'no token': 'x.y.z',
      };
      for (const [what, token] of Object.entries(forged)) {
        requireStatus(await ask(token), [401], what);
      }
      const assertions: Readonly<Record<string, string>> = {
        'of another key': box.assertion({}, thief),
        'of the wrong audience': box.assertion({ aud: 'demeter-edge' }),
        'of another box': box.assertion({ sub: 'edge:01890000-0000-7000-8000-000000000001' }),
        'good for too long': box.assertion({ exp: Math.floor(Date.now() / 1000) + 86_400 }),
        'an access token': good,
      };
      for (const [what, assertion] of Object.entries(assertions)) {
        requireStatus(await box.exchange(assertion), [401, 403, 422], `an assertion ${what}`);
      }
      const before = box.key;
      await box.enrol();
      requireStatus(await ask(await box.token()), [200], 'the token of its new key');
      requireStatus(
        await box.exchange(box.assertion({}, before)),
        [401],
        'a key that was replaced',
      );
      requireStatus(await ask(good), [401], 'a token of the key that was replaced');
      return { forged: Object.keys(forged).length + Object.keys(assertions).length + 2 };
    }),
};

/** That the document has lost them is no reason to pass. */
const ROUTES_MIN = 10;

/** Every route of the core's that names a box, with this one's id; the inbox opens to grants alone. */
function routesAbout(id: string, hash: string): { method: string; path: string }[] {
  const { paths } = JSON.parse(readFileSync(join(ROOT, 'core/openapi.json'), 'utf8')) as {
    paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
  return Object.entries(paths)
    .filter(([path]) => /\/edges\/\{id\}|\/stand-ins\/\{edge_id\}/.test(path))
    .flatMap(([path, methods]) => {
      const named = path.replace(/\{(edge_)?id\}/, id).replace(/\{\w+\}/, hash);
      const short = named.replace(/^\/api\/v1/, '');
      return Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path: short }));
    });
}

export const trespass: EdgeCase = {
  number: 36,
  title: 'box A on the ids, photos and inbox of box B, on every route: 403, 404, 409',
  seconds: 15,
  run: async (system, { seed }) =>
    await aroundHonestBox(system, seed, async (camera) => {
      const a = await EnrolledBox.create(system, 'box-a');
      const b = await EnrolledBox.create(system, 'box-b');
      const [tokenA, tokenB] = [await a.token(), await b.token()];
      const bytes = camera.take();
      camera.forget(bytes);
      const hash = hashOf(bytes);
      const grant = async (token: string) => {
        const answer = await call(system, 'POST', '/edge/grants', {
          token,
          body: grantBody(bytes),
        });
        requireStatus(answer, [200], 'a grant');
        return JSON.parse(answer.text) as {
          key: string;
          grant: { url: string; headers: Record<string, string> };
        };
      };
      const given = await grant(tokenB);
      must(given.key.includes(b.id), `B puts into its own inbox: ${given.key}`);
      const put = async (url: string, headers: Record<string, string>) => {
        const to = new URL(url, system.coreUrl);
        const init = { method: 'PUT', headers, body: new Uint8Array(bytes) };
        const answer = await fetch(to, init);
        return { status: answer.status, text: await answer.text() };
      };
      const own = await grant(tokenA);
      const elsewhere = own.grant.url.replaceAll(a.id, b.id);
      must(elsewhere !== own.grant.url, 'the grant names its box');
      requireStatus(await put(elsewhere, own.grant.headers), [403], 'A’s grant on B’s inbox');
      requireStatus(await put(given.grant.url, given.grant.headers), [200, 201], 'B’s own put');
      const registration = { ...registrationBody(bytes), edge_id: b.id, organisation_id: b.id };
      const register = (token: string) =>
        call(system, 'POST', '/edge/photos', { token, body: registration });
      requireStatus(await register(tokenA), [403, 404, 409], 'A registers what B has put');
      requireStatus(await register(tokenB), [201], 'B registers it');
      const tries = routesAbout(b.id, hash);
      must(tries.length >= ROUTES_MIN, `${tries.length} routes are about one box`);
      for (const { method, path } of [{ method: 'GET', path: `/edge/photos/${hash}` }, ...tries]) {
        const body = method === 'GET' || method === 'DELETE' ? undefined : {};
        const answer = await call(system, method, path, {
          token: tokenA,
          ...(body ? { body } : {}),
        });
        requireStatus(answer, [401, 403, 404, 405], `${method} ${path} with A’s token`);
      }
      const still = await call(system, 'GET', `/edge/photos/${hash}`, { token: tokenB });
      requireStatus(still, [200], 'B’s photo stays B’s');
      const rows: { n: number }[] = await system.sql`
        select count(*)::int as n from sightings
         where encode(sha256, 'hex') = ${hash} and edge_id = ${a.id}`;
      must(rows[0]?.n === 0, 'nothing of B is A’s');
      const audited: { n: number }[] = await system.sql`
        select count(*)::int as n from audit_entries
         where action = 'edges.trespass' and actor = ${`edge:${a.id}`}`;
      must((audited[0]?.n ?? 0) > 0, 'the trespass is in the audit');
      return { routes_tried: tries.length + 3, audited: audited[0]?.n };
    }),
};

/** A revoked box is refused so soon after it was revoked. */
const REVOKED_S_MAX = 60;
/** A busy machine in the quick suite says nothing of how soon. */
const QUICK_REVOKED_S_MAX = 240;

export const replay: EdgeCase = {
  number: 37,
  title: 'replayed assertions, stolen tokens, revoked boxes: refused within 60 s, photos held',
  seconds: 40,
  run: async (system, { seed, quick }) => {
    const thiefs = await EnrolledBox.create(system, 'replay');
    const assertion = thiefs.assertion();
    requireStatus(await thiefs.exchange(assertion), [200], 'an assertion');
    requireStatus(await thiefs.exchange(assertion), [401], 'the same assertion again');
    const stolen = await thiefs.token();
    await call(system, 'DELETE', `/edges/${thiefs.id}`, { token: system.adminToken });
    const body = grantBody(Uint8Array.of(1, 2, 3));
    const refused = await call(system, 'POST', '/edge/grants', { token: stolen, body });
    requireStatus(refused, [401, 403], 'a token of a revoked box');
    requireStatus(await thiefs.exchange(), [401, 403], 'an assertion of a revoked box');

    const camera = await Camera.create(seed);
    const box = await system.box('revoked');
    await box.start();
    await camera.shoot(box);
    await box.drained();
    await system.revoke(box);
    const started = performance.now();
    await camera.shoot(box);
    await camera.shoot(box);
    const told = async () => /credential|revoked/i.test((await box.health()).core);
    await until(
      'a revoked box is told',
      told,
      (quick ? QUICK_REVOKED_S_MAX : REVOKED_S_MAX) * 1000,
    );
    const seconds = Number(((performance.now() - started) / 1000).toFixed(1));
    const ledger = await requireLedger(system, camera, box, { held: true });
    must(ledger.held === 2, `${ledger.held} photos are held after the box was revoked`);
    await box.stop();
    return { told_after_s: seconds, ...ledger };
  },
};

/** Permissions that no box may have, and what a box would gain by them. */
const ESCALATIONS: readonly (readonly [string, string, unknown])[] = [
  ['GET', '/edges', undefined],
  ['POST', '/edges', { code: 'mine', name: 'mine', revoked_at: null, organisation_id: 'x' }],
  ['GET', '/users', undefined],
  ['POST', '/users', { email: 'a@b.test', role: 'admin' }],
  ['GET', '/photos', undefined],
  ['POST', '/stock/batches', { product_id: 'x', location_id: 'y', quantity: 1 }],
  ['GET', '/system/mesh', undefined],
  ['GET', '/auth/me', undefined],
];
const SIGN_INS = 40;

export const escalation: EdgeCase = {
  number: 40,
  title: 'self-escalation, mass assignment, a flood of sign-ins, secrets in logs: 403, 429, none',
  seconds: 20,
  run: async (system, { seed }) =>
    await aroundHonestBox(system, seed, async (camera) => {
      const box = await EnrolledBox.create(system, 'escalation');
      const token = await box.token();
      for (const [method, path, body] of ESCALATIONS) {
        const answer = await call(system, method, path, { token, body });
        requireStatus(answer, [401, 403, 404, 405], `${method} ${path} with a box’s token`);
      }
      // What a registration brings beyond its fields changes nothing.
      const bytes = camera.take();
      camera.forget(bytes);
      const stuffed = {
        ...registrationBody(bytes),
        organisation_id: '01890000-0000-7000-8000-000000000009',
        edge_id: '01890000-0000-7000-8000-000000000009',
        state: 'completed',
        detected: 99,
        permissions: ['edges:manage'],
      };
      const early = await call(system, 'POST', '/edge/photos', { token, body: stuffed });
      requireStatus(early, [409, 422], 'a registration without bytes');
      let limited = 0;
      for (let number = 0; number < SIGN_INS; number++) {
        const body = { token: `guess-${number}`.padEnd(43, 'x') };
        const { status } = await call(system, 'POST', '/auth/sign-in', { body });
        if (status === 429) limited++;
      }
      must(limited > 0, `none of ${SIGN_INS} sign-ins was held back`);
      const secrets = [token, system.adminToken, ...system.secrets()];
      const folder = join(system.folder, 'logs');
      for (const name of readdirSync(folder)) {
        const log = readFileSync(join(folder, name), 'utf8');
        const found = secrets.findIndex((secret) => log.includes(secret));
        must(found < 0, `${name} shows secret ${found}`);
      }
      return { routes: ESCALATIONS.length, sign_ins_held_back: limited, secrets: secrets.length };
    }),
};
