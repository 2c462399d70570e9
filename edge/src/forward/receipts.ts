import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import type { Credential } from '../enrol/credential.ts';
import { DestinationFailure, PhotoFailure } from './failures.ts';

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

/** Checks the centre's receipts by its published keys, which stay known while it is away. */
export class Receipts {
  readonly #keys: ReturnType<typeof createRemoteJWKSet>;

  constructor(
    url: string,
    private readonly credential: Credential,
  ) {
    this.#keys = createRemoteJWKSet(new URL(`${url}/api/v1/keys`), {
      timeoutDuration: 10_000,
      // A new key is published ahead of its use; this only bounds how often a stranger's `kid`
      // makes us ask.
      cooldownDuration: 5_000,
    });
  }

  /**
   * Resolves if the receipt is the centre's, for exactly this photo and organisation.
   * Throws PhotoFailure `bad_receipt`, DestinationFailure.
   */
  async verify(receipt: string, photo: ReceivedPhoto): Promise<void> {
    let payload: unknown;
    try {
      const verified = await jwtVerify(receipt, this.#keys, {
        algorithms: ['EdDSA'],
        typ: 'receipt+jws',
      });
      payload = verified.payload;
    } catch (error) {
      if (error instanceof errors.JOSEError && !isFetchError(error)) {
        throw new PhotoFailure('bad_receipt', `the receipt is not valid (${error.code})`, {
          cause: error,
        });
      }
      throw new DestinationFailure('core', 'unreachable', 'the keys cannot be read', 0, {
        cause: error,
      });
    }
    if (!Value.Check(Payload, payload)) {
      throw new PhotoFailure('bad_receipt', 'the receipt lacks a field');
    }
    const same =
      payload.sha256 === photo.sha256 &&
      payload.size_bytes === photo.size_bytes &&
      payload.organisation_id === this.credential.identity()?.organisationId;
    if (!same) throw new PhotoFailure('bad_receipt', 'the receipt is for another photo');
  }
}

/** jose reports a key set that could not be fetched or read by these. */
function isFetchError(error: errors.JOSEError): boolean {
  return (
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    error.code === 'ERR_JOSE_GENERIC'
  );
}
