import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { createLocalJWKSet, errors, type JSONWebKeySet, jwtVerify } from 'jose';
import type { CentreKeys } from '../enrol/centre-keys.ts';
import type { Credential } from '../enrol/credential.ts';
import { DestinationFailure, PhotoFailure } from './failures.ts';
import { sentenceOf } from './symptoms.ts';

const Payload = Type.Object({
  sha256: Type.String(),
  size_bytes: Type.Integer(),
  organisation_id: Type.String(),
  received_at: Type.String(),
  key: Type.String(),
});

export interface ReceivedPhoto {
  readonly sha256: string;
  readonly size_bytes: number;
}

/** Keys this old are read anew: one may have been withdrawn. */
const KEYS_AGE_MAX_MS = 10 * 60_000;
/** A new key is published ahead of its use: this only bounds how often a stranger's `kid` makes us ask. */
const KEYS_AGE_MIN_MS = 5_000;

/** Checks the centre's receipts by the keys that this box believes to be the centre's. */
export class Receipts {
  /** Keys are imported once a set. */
  readonly #finders = new WeakMap<JSONWebKeySet, ReturnType<typeof createLocalJWKSet>>();

  constructor(
    private readonly keys: Pick<CentreKeys, 'read'>,
    private readonly credential: Pick<Credential, 'identity'>,
  ) {}

  /**
   * Resolves if the receipt is the centre's, for exactly this photo and organisation.
   * Throws PhotoFailure `bad_receipt`, DestinationFailure.
   */
  async verify(receipt: string, photo: ReceivedPhoto, signal: AbortSignal): Promise<void> {
    const payload = await this.#payloadOf(receipt, signal);
    if (!Value.Check(Payload, payload)) {
      throw new PhotoFailure('bad_receipt', 'the receipt lacks a field');
    }
    const same =
      payload.sha256 === photo.sha256 &&
      payload.size_bytes === photo.size_bytes &&
      payload.organisation_id === this.credential.identity()?.organisationId;
    if (!same) throw new PhotoFailure('bad_receipt', 'the receipt is for another photo');
  }

  async #payloadOf(receipt: string, signal: AbortSignal): Promise<unknown> {
    try {
      return await this.#read(receipt, KEYS_AGE_MAX_MS, signal).catch(async (error: unknown) => {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
        return await this.#read(receipt, KEYS_AGE_MIN_MS, signal);
      });
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
      if (error instanceof errors.JWSInvalid) {
        // Not even a stranger has signed it: whatever answered is no centre.
        const sentence = sentenceOf('wrong_answer', 'core');
        throw new DestinationFailure('core', 'wrong_answer', sentence, 0, { cause: error });
      }
      const message = `the receipt is not valid (${error.code})`;
      throw new PhotoFailure('bad_receipt', message, { cause: error });
    }
  }

  /** Verifies by keys that are not older than this. */
  async #read(receipt: string, ageMaxMs: number, signal: AbortSignal): Promise<unknown> {
    const set = await this.keys.read(ageMaxMs, signal);
    const find = this.#finders.get(set) ?? createLocalJWKSet(set);
    this.#finders.set(set, find);
    const options = { algorithms: ['EdDSA'], typ: 'receipt+jws' };
    return (await jwtVerify(receipt, find, options)).payload;
  }
}
