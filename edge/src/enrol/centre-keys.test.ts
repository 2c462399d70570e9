import { expect, test } from 'bun:test';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GeneralSign, type JSONWebKeySet, type JWK } from 'jose';
import { silent, withFolder } from '../_testing.ts';
import { CentreKeys } from './centre-keys.ts';
import { fingerprintOf } from './key.ts';

const never = new AbortController().signal;
const ORGANISATION = '01890000-0000-7000-8000-000000000001';

interface Key {
  readonly jwk: JWK & { readonly kid: string };
  readonly privateKey: KeyObject;
}

function makeKey(): Key {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const jwk = publicKey.export({ format: 'jwk' });
  return { jwk: { ...jwk, kid: fingerprintOf(jwk), alg: 'EdDSA' }, privateKey };
}

const retired = ({ jwk }: Key) => ({ ...jwk, retired: true });

interface Given {
  readonly keys: readonly object[];
  readonly by: readonly Key[];
  /** Day of May. */
  readonly day: number;
  readonly typ?: string;
  readonly organisation?: string;
}

/** As the core's `GET /api/v1/keys` answers. */
async function published({
  keys,
  by,
  day,
  typ = 'key-set+jws',
  organisation = ORGANISATION,
}: Given) {
  const changed_at = `2026-05-${String(day).padStart(2, '0')}T00:00:00.000Z`;
  const payload = { organisation_id: organisation, changed_at, keys };
  const signing = new GeneralSign(new TextEncoder().encode(JSON.stringify(payload)));
  for (const { jwk, privateKey } of by) {
    signing.addSignature(privateKey).setProtectedHeader({ alg: 'EdDSA', typ, kid: jwk.kid });
  }
  return { keys, signed: await signing.sign() };
}

/** A box that was enrolled when `anchor` was the centre's key. */
function boxWith(dataFolder: string, anchor: Key, of = 'first enrolment') {
  const box = {
    shown: {} as unknown,
    anchor: { keys: [anchor.jwk.kid], of },
    alarms: [] as boolean[],
    /** Fingerprints that it believes, `†` where retired. */
    believes: async (shown: unknown): Promise<string[]> => {
      box.shown = shown;
      const { keys } = await centreKeys.read(0, never);
      return keys.map((key) => `${key.kid}${'retired' in key ? '†' : ''}`).sort();
    },
  };
  const centreKeys = new CentreKeys({
    core: { keys: async () => box.shown as JSONWebKeySet },
    credential: {
      identity: () => ({ edgeId: 'box', organisationId: ORGANISATION }),
      anchor: () => box.anchor,
    },
    dataFolder,
    clock: { monotonic: () => 0 },
    log: silent,
    onStrangers: (there) => box.alarms.push(there),
  });
  return box;
}

const [first, second, third, stranger] = [makeKey(), makeKey(), makeKey(), makeKey()];
const kid = ({ jwk }: Key) => jwk.kid;
const dead = ({ jwk }: Key) => `${jwk.kid}†`;

test('the key of the enrolment is believed, another one at the same address is not', () =>
  withFolder(async (folder) => {
    const box = boxWith(folder, first);
    expect(await box.believes({ keys: [first.jwk] })).toEqual([kid(first)]);
    expect(box.alarms).toEqual([]);
    expect(await box.believes({ keys: [stranger.jwk] })).toEqual([]);
    expect(box.alarms).toEqual([true]);
    const forged = await published({ keys: [stranger.jwk, first.jwk], by: [stranger], day: 2 });
    expect(await box.believes(forged)).toEqual([kid(first)]);
    // It calls itself by the name of the key that is believed.
    const renamed = { ...stranger.jwk, kid: kid(first) };
    const signed = await published({
      keys: [renamed],
      by: [{ ...stranger, jwk: renamed }],
      day: 2,
    });
    expect(await box.believes(signed)).toEqual([]);
    expect(await box.believes({ keys: [first.jwk] })).toEqual([kid(first)]);
    expect(box.alarms).toEqual([true, false]);
  }));

test('a box that slept through two rotations finds the way, and forgets nothing with its process', () =>
  withFolder(async (folder) => {
    const keys = [third.jwk, retired(second), retired(first)];
    const now = await published({ keys, by: [third, second, first], day: 9 });
    const all = [kid(third), dead(second), dead(first)].sort();
    expect(await boxWith(folder, first).believes(now)).toEqual(all);
    const restarted = boxWith(folder, first);
    // Without the signatures: it has seen them before.
    expect(await restarted.believes({ keys: [third.jwk, first.jwk] })).toEqual(
      [kid(third), dead(first)].sort(),
    );
    // Who has the retired key brings nothing in with it, however new it looks.
    const stolen = await published({ keys: [first.jwk, stranger.jwk], by: [first], day: 20 });
    expect(await restarted.believes(stolen)).toEqual([dead(first)]);
    expect(restarted.alarms).toEqual([true]);
  }));

test('an older set, another organisation’s and what is signed as something else change nothing', () =>
  withFolder(async (folder) => {
    const box = boxWith(folder, first);
    const later = await published({
      keys: [second.jwk, retired(first)],
      by: [second, first],
      day: 9,
    });
    expect(await box.believes(later)).toEqual([kid(second), dead(first)].sort());
    const replayed = await published({ keys: [first.jwk], by: [second], day: 8 });
    expect(await box.believes(replayed)).toEqual([dead(first)]);
    const strange = { keys: [second.jwk, third.jwk], by: [second], day: 10 };
    for (const more of [{ organisation: 'another' }, { typ: 'receipt+jws' }]) {
      expect(await box.believes(await published({ ...strange, ...more }))).toEqual([kid(second)]);
    }
    expect(
      await box.believes({ keys: [second.jwk], signed: { payload: 'e30', signatures: [] } }),
    ).toEqual([kid(second)]);
    expect(await box.believes(await published(strange))).toEqual([kid(second), kid(third)].sort());
  }));

test('enrolled anew, the box believes what it was given then, and nothing from before', () =>
  withFolder(async (folder) => {
    const before = await published({ keys: [second.jwk, first.jwk], by: [first], day: 9 });
    const box = boxWith(folder, first);
    expect(await box.believes(before)).toHaveLength(2);
    box.anchor = { keys: [kid(third)], of: 'second enrolment' };
    expect(await box.believes(before)).toEqual([]);
    // A centre that was set up anew, from a backup of last week.
    const anew = await published({ keys: [third.jwk], by: [third], day: 3 });
    expect(await box.believes(anew)).toEqual([kid(third)]);
  }));

test('a folder that takes nothing stops nothing', () =>
  withFolder(async (folder) => {
    await rm(folder, { recursive: true });
    await Bun.write(folder, 'a file in its place');
    const box = boxWith(join(folder, 'data'), first);
    const now = await published({ keys: [second.jwk], by: [second, first], day: 9 });
    // Its signer is not shown: nothing vouches for the new one.
    expect(await box.believes(now)).toEqual([]);
    const whole = await published({ keys: [second.jwk, first.jwk], by: [first], day: 9 });
    expect(await box.believes(whole)).toEqual([kid(first), kid(second)].sort());
  }));
