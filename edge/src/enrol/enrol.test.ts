import { expect, test } from 'bun:test';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rejection } from '@demeter/common/testing';
import { withFolder } from '../_testing.ts';
import { createFakeCentre, createStillClock, EDGE, ORGANISATION } from './_fake-centre.ts';
import { BoxCredential } from './credential.ts';
import { enrol } from './enrol.ts';
import { identityTrouble, readIdentity, readPending, setSpoiltAside } from './identity-file.ts';

const signal = new AbortController().signal;

/** A data folder, a centre, and how a box enrols there. */
async function withBox(
  use: (box: ReturnType<typeof boxAt>) => Promise<void>,
  offMs = 0,
): Promise<void> {
  await withFolder(async (folder) => await use(boxAt(folder, offMs)));
}

function boxAt(folder: string, offMs: number) {
  const centre = createFakeCentre();
  const clock = createStillClock(offMs);
  const transport = { fetch: centre.fetch };
  const given = { dataFolder: folder, coreUrl: 'http://core.test', clock, transport };
  const seams = { dataFolder: folder, url: 'http://core.test', clock, transport };
  return {
    folder,
    centre,
    clock,
    enrol: async (code: string) => await enrol({ ...given, code }),
    credential: (token?: string, onEnrolled = () => {}) =>
      new BoxCredential({
        ...seams,
        onEnrolled,
        issued: token
          ? { token, organisationId: ORGANISATION, edgeId: 'issued', expiresAt: null, signedBy: '' }
          : null,
      }),
  };
}

const xOf = (body: Record<string, unknown> | undefined) =>
  (body?.public_key as { x: string } | undefined)?.x;

test('the key is on the disk, for this user only, before the code is spent', async () => {
  await withBox(async ({ folder, centre, enrol: run }) => {
    const { fetch } = centre;
    let atTheAsking: unknown;
    const spied = {
      fetch: (url: string, init: RequestInit) => {
        atTheAsking = readPending(folder);
        return fetch(url, init);
      },
    };
    await enrol({
      dataFolder: folder,
      coreUrl: 'http://core.test',
      code: 'AAAAA-BBBBB',
      transport: spied,
    });
    expect(atTheAsking).toMatchObject({ private_jwk: { x: centre.key()?.x } });
    const identity = readIdentity(folder);
    expect(identity).toMatchObject({
      edge_id: EDGE,
      organisation_id: ORGANISATION,
      core_url: 'http://core.test',
      core_keys: [{ kid: 'k1' }],
      private_jwk: { x: centre.key()?.x },
    });
    expect(await readdir(join(folder, 'credential'))).toEqual(['identity.json']);
    expect((await stat(join(folder, 'credential'))).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, 'credential/identity.json'))).mode & 0o777).toBe(0o600);
    // What travelled holds no private part.
    expect(JSON.stringify(centre.asked)).not.toContain(identity!.private_jwk.d);
    expect(await run('CCCCC-DDDDD')).toMatchObject({ edge_id: EDGE });
  });
});

test('a power cut before the answer is stored: the same code brings the same key again', async () => {
  await withBox(async ({ folder, centre, enrol: run }) => {
    centre.fault = 'lost_answer';
    expect(await rejection(run('AAAAA-BBBBB'))).toMatchObject({ kind: 'unreachable' });
    expect(readIdentity(folder)).toBeNull();
    await run('aaaaa bbbbb');
    // And once more, as somebody does who is not sure.
    await run('AAAAA-BBBBB');
    const keys = new Set(centre.asked.map(({ body }) => xOf(body)));
    expect(keys.size).toBe(1);
    expect(keys.has(readIdentity(folder)?.private_jwk.x)).toBe(true);
  });
});

test('another code gets another key, and a refused one leaves what the box was', async () => {
  await withBox(async ({ folder, centre, enrol: run, credential }) => {
    await run('AAAAA-BBBBB');
    const before = readIdentity(folder);
    centre.fault = 'wrong_code';
    expect(await rejection(run('WRONG-CODE1'))).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(readIdentity(folder)).toEqual(before);
    centre.fault = 'none';
    expect(await credential().token(signal)).toStartWith('token-');
    await run('CCCCC-DDDDD');
    expect(readIdentity(folder)?.fingerprint).not.toBe(before!.fingerprint);
    expect(
      new Set(centre.asked.filter(({ what }) => what === 'enrol').map((one) => xOf(one.body))).size,
    ).toBe(3);
  });
});

test('a captive portal and a busy centre enrol nobody', async () => {
  await withBox(async ({ folder, centre, enrol: run }) => {
    centre.fault = 'captive_portal';
    expect(await rejection(run('A'))).toMatchObject({ kind: 'captive_portal' });
    centre.fault = 'busy';
    expect(await rejection(run('A'))).toMatchObject({ kind: 'unavailable', retryAfterMs: 7_000 });
    expect(readIdentity(folder)).toBeNull();
  });
});

test('a token is asked for once, by all who wait, and again before it ends', async () => {
  await withBox(async ({ centre, clock, enrol: run, credential }) => {
    await run('A');
    const box = credential();
    expect(box.identity()).toEqual({ edgeId: EDGE, organisationId: ORGANISATION });
    const tokens = await Promise.all(Array.from({ length: 5 }, () => box.token(signal)));
    expect(new Set(tokens).size).toBe(1);
    const exchanges = () => centre.asked.filter(({ what }) => what === 'token').length;
    clock.passed = 479_000;
    await box.token(signal);
    expect(exchanges()).toBe(1);
    clock.passed = 481_000;
    const second = await box.token(signal);
    expect(second).not.toBe(tokens[0]!);
    expect(exchanges()).toBe(2);
    expect(box.refused(second)).toBe(true);
    expect(await box.token(signal)).not.toBe(second);
    expect(exchanges()).toBe(3);
    const assertions = centre.asked.flatMap(({ body }) => (body.assertion ? [body.assertion] : []));
    expect(new Set(assertions).size).toBe(3);
  });
});

test.each([-400, 400])(
  'a clock %d days off asks again by the centre’s time, and only once',
  async (days) => {
    await withBox(async ({ centre, clock, enrol: run, credential }) => {
      await run('A');
      const box = credential();
      expect(await box.token(signal)).toStartWith('token-');
      expect(centre.asked.filter(({ what }) => what === 'token')).toHaveLength(2);
      clock.passed = 600_000;
      await box.token(signal);
      expect(centre.asked.filter(({ what }) => what === 'token')).toHaveLength(3);
    }, days * 86_400_000);
  },
);

test('a revoked box says so, and goes on with a new code without a restart', async () => {
  await withBox(async ({ centre, enrol: run, credential }) => {
    await run('AAAAA-BBBBB');
    const box = credential();
    centre.fault = 'revoked';
    const error = await rejection(box.token(signal));
    expect(error).toMatchObject({ kind: 'credential_revoked' });
    expect((error as Error).message).toContain('revoked');
    centre.fault = 'none';
    await run('CCCCC-DDDDD');
    box.refused('any');
    expect(await box.token(signal)).toStartWith('token-');
  });
});

test('a box that is not enrolled says so, or shows the token that it was given, until it is', async () => {
  await withBox(async ({ enrol: run, credential }) => {
    let told = 0;
    const [bare, given] = [credential(undefined, () => told++), credential('given')];
    expect(bare.identity()).toBeNull();
    expect(((await rejection(bare.token(signal))) as Error).message).toContain('not enrolled');
    expect(given.identity()).toMatchObject({ edgeId: 'issued' });
    expect(await given.token(signal)).toBe('given');
    expect(given.refused('given')).toBe(false);
    await run('A');
    for (const box of [bare, given]) expect(await box.token(signal)).toStartWith('token-');
    expect(bare.identity()).toMatchObject({ edgeId: EDGE });
    expect(told).toBe(1);
  });
});

test('a damaged file counts as none, is set aside, and enrolling again mends it', async () => {
  await withBox(async ({ folder, enrol: run, credential }) => {
    await run('AAAAA-BBBBB');
    const whole = readIdentity(folder)!;
    const path = join(folder, 'credential', 'identity.json');
    const box = credential();
    const { d, x } = whole.private_jwk;
    const rotten = (part: string) =>
      JSON.stringify(whole).replace(part, `${part[0] === 'A' ? 'B' : 'A'}${part.slice(1)}`);
    const cut = JSON.stringify(whole).slice(0, -40);
    for (const text of ['', '{"edge_id":1}', '[]', cut, rotten(d), rotten(x)]) {
      await writeFile(path, text);
      expect(readIdentity(folder)).toBeNull();
      expect(identityTrouble(folder)).toBe('spoilt');
      expect(((await rejection(credential().token(signal))) as Error).message).toContain(
        'not enrolled',
      );
    }
    // An edge that runs goes on with what it has read.
    expect(box.refused('any')).toBe(true);
    expect(await box.token(signal)).toStartWith('token-');
    setSpoiltAside(folder);
    expect(await readdir(join(folder, 'credential'))).toEqual(['identity.json.spoilt']);
    expect(identityTrouble(folder)).toBe('spoilt');
    await writeFile(join(folder, 'credential', 'pending.json'), '{');
    await run('CCCCC-DDDDD');
    expect(identityTrouble(folder)).toBeNull();
    expect(readIdentity(folder)?.fingerprint).not.toBe(whole.fingerprint);
  });
});
