import type { Clock } from '@demeter/common/clock';
import type { Logger } from '@demeter/common/logger';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { createLocalJWKSet, generalVerify, type JSONWebKeySet, type JWK } from 'jose';
import type { CoreClient } from '../forward/core-client.ts';
import type { Credential } from './credential.ts';
import { type LearnedKeys, readLearnedKeys, writeLearnedKeys } from './identity-file.ts';
import { fingerprintOf } from './key.ts';

/** The set of its keys that the centre signs with each of them (docs/protocols.md). */
const Signed = Type.Object({
  payload: Type.String(),
  signatures: Type.Array(Type.Object({ protected: Type.String(), signature: Type.String() }), {
    maxItems: 100,
  }),
});
type Signed = Static<typeof Signed>;
const KeySet = Type.Object({
  organisation_id: Type.String(),
  changed_at: Type.String(),
  keys: Type.Array(Type.Record(Type.String(), Type.Unknown()), { maxItems: 100 }),
});
const KEY_SET_TYP = 'key-set+jws';

export interface CentreKeysOptions {
  readonly core: Pick<CoreClient, 'keys'>;
  readonly credential: Pick<Credential, 'identity' | 'anchor'>;
  readonly dataFolder: string;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly log: Logger;
  /** The centre shows keys that nothing here vouches for, or does so no longer. */
  readonly onStrangers: (there: boolean) => void;
}

/**
 * The centre's keys that this box believes: those it was given with its credential, and those of a
 * later set that one of them has signed. What merely stands at the centre's address is not believed
 * (docs/adr/0018-keys-of-the-centre.md).
 */
export class CentreKeys {
  #held: { readonly set: JSONWebKeySet; readonly readAt: number } | null = null;
  #learned: LearnedKeys | null = null;
  #strangers = false;

  constructor(private readonly options: CentreKeysOptions) {}

  /** As the centre showed them `ageMaxMs` ago at most. Throws DestinationFailure. */
  async read(ageMaxMs: number, signal: AbortSignal): Promise<JSONWebKeySet> {
    const { core, clock } = this.options;
    const now = clock.monotonic();
    if (this.#held && now - this.#held.readAt < ageMaxMs) return this.#held.set;
    const shown = await core.keys(signal);
    // A `kid` that is not the key's own fingerprint would let one key pass for another.
    const keys = shown.keys.filter((key) => key.kid === fingerprintOf(key));
    const known = await this.#learn(keys, shown);
    const believed = keys.filter(({ kid = '' }) => known[kid] !== undefined);
    this.#tell(Object.keys(known).length > 0 && believed.length < keys.length);
    const set = {
      keys: believed.map((key) =>
        known[key.kid ?? '']?.retired ? { ...key, retired: true } : key,
      ),
    };
    this.#held = { set, readAt: now };
    return set;
  }

  /** What is known of keys after looking at this set. */
  async #learn(keys: readonly JWK[], shown: object): Promise<LearnedKeys['keys']> {
    const learned = this.#known();
    if (!learned) return {};
    const { signed } = shown as { readonly signed?: unknown };
    const set = Value.Check(Signed, signed) ? parse(signed.payload) : null;
    const organisation = this.options.credential.identity()?.organisationId;
    // An older one may be played again, or come from a core that was not started since.
    const isNews = set && set.changed_at > learned.changed_at;
    if (!isNews || set.organisation_id !== organisation) return learned.keys;
    const vouching = keys.filter(({ kid = '' }) => learned.keys[kid]?.retired === false);
    if (!(await isSignedBy(vouching, signed as Signed))) return learned.keys;
    const { of } = learned;
    this.#learned = { of, changed_at: set.changed_at, keys: merge(learned.keys, set.keys) };
    await this.#keep(this.#learned);
    return this.#learned.keys;
  }

  #tell(strangers: boolean): void {
    if (strangers !== this.#strangers) this.options.onStrangers(strangers);
    this.#strangers = strangers;
  }

  /** Null until the box is enrolled. Another enrolment begins anew. */
  #known(): LearnedKeys | null {
    const { credential, dataFolder } = this.options;
    const anchor = credential.anchor();
    if (!anchor) return null;
    if (this.#learned?.of === anchor.of) return this.#learned;
    const stored = readLearnedKeys(dataFolder);
    const keys = Object.fromEntries(anchor.keys.map((kid) => [kid, { retired: false }]));
    this.#learned = stored?.of === anchor.of ? stored : { of: anchor.of, changed_at: '', keys };
    return this.#learned;
  }

  /** A full disk stops nothing: after a start the centre's set is checked once more. */
  async #keep(learned: LearnedKeys): Promise<void> {
    const { dataFolder, log } = this.options;
    try {
      await writeLearnedKeys(dataFolder, learned);
      log.info(
        { changed_at: learned.changed_at },
        "the centre's set of keys was checked and noted",
      );
    } catch (error) {
      log.warn({ err: error }, "the centre's keys cannot be noted");
    }
  }
}

function parse(payload: string) {
  try {
    const value: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return Value.Check(KeySet, value) ? value : null;
  } catch {
    return null;
  }
}

async function isSignedBy(keys: readonly JWK[], signed: Signed): Promise<boolean> {
  try {
    const options = { algorithms: ['EdDSA'] };
    const found = await generalVerify(signed, createLocalJWKSet({ keys: [...keys] }), options);
    return found.protectedHeader?.typ === KEY_SET_TYP;
  } catch {
    return false;
  }
}

/** What the centre no longer names signs nothing any more. */
function merge(
  known: LearnedKeys['keys'],
  named: readonly Readonly<Record<string, unknown>>[],
): LearnedKeys['keys'] {
  const gone = Object.keys(known).map((kid) => [kid, { retired: true }] as const);
  const there = named.map(
    (key) => [fingerprintOf(key), { retired: key.retired === true }] as const,
  );
  return Object.fromEntries([...gone, ...there]);
}
