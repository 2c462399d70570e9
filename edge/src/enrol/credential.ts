import type { Clock } from '@demeter/common/clock';
import { AppError } from '@demeter/common/errors';
import { Type } from '@sinclair/typebox';
import type { EdgeConfig, IssuedToken } from '../config.ts';
import { DestinationFailure } from '../forward/failures.ts';
import { type SymptomCode, sentenceOf } from '../forward/symptoms.ts';
import type { Transport } from '../forward/transport.ts';
import { postToCore } from './core-post.ts';
import { readIdentity, type StoredIdentity } from './identity-file.ts';
import { fingerprintOf, signAssertion } from './key.ts';

/** Who this box is at the centre. */
export interface Identity {
  readonly edgeId: string;
  readonly organisationId: string;
}

/** The centre's keys that the box was given with its credential: what all later trust begins with. */
export interface Anchor {
  /** Fingerprints. */
  readonly keys: readonly string[];
  /** Names this enrolment or token: what was learned since belongs to it alone. */
  readonly of: string;
}

/** What the box shows the core: a token that it was given, or one it asks for with its own key. */
export interface Credential {
  /** Null until the box is enrolled. */
  identity(): Identity | null;
  /** Null until the box is enrolled. */
  anchor(): Anchor | null;
  /** A bearer token to send now. Throws DestinationFailure. */
  token(signal: AbortSignal): Promise<string>;
  /** The core refused this token. True: another one may be had at once, so try again. */
  refused(token: string): boolean;
}

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const TokenAnswer = Type.Object({
  access_token: Type.String({ minLength: 1 }),
  token_type: Type.Literal('Bearer'),
  expires_in: Type.Integer({ minimum: 1 }),
});
/** A token is renewed after this share of its life: one that is on its way must not end there. */
const RENEW_SHARE = 0.8;

export interface BoxCredentialOptions {
  readonly dataFolder: string;
  readonly url: string;
  /** DEMETER_EDGE_TOKEN; the box's own key goes before it. */
  readonly issued: IssuedToken | null;
  readonly clock: Clock;
  readonly transport: Pick<Transport, 'fetch'>;
  /** The box has a key of its own, which it had not, or has another one. */
  readonly onEnrolled?: () => void;
}

/**
 * The box's credential, whatever it is now.
 *
 * States: not enrolled (nothing may be sent) → issued (the token of DEMETER_EDGE_TOKEN) →
 * enrolled (tokens of ten minutes, each for a signed assertion). The folder is looked at again
 * when there is no key, and when a token was refused, so that a box need not be started again
 * after it was enrolled.
 */
export class BoxCredential implements Credential {
  readonly #options: BoxCredentialOptions;
  #enrolled: StoredIdentity | null;
  /** `renewAt`: by the monotonic clock. */
  #held: { readonly token: string; readonly renewAt: number } | null = null;
  /** Requests that come meanwhile wait for the same answer. */
  #asking: Promise<string> | null = null;
  /** The centre's clock less the box's, as far as the box was told. */
  #offsetMs = 0;

  constructor(options: BoxCredentialOptions) {
    this.#options = options;
    this.#enrolled = readIdentity(options.dataFolder);
  }

  identity(): Identity | null {
    const enrolled = this.#enrolled;
    if (!enrolled) return this.#options.issued;
    return { edgeId: enrolled.edge_id, organisationId: enrolled.organisation_id };
  }

  anchor(): Anchor | null {
    const { issued } = this.#options;
    if (this.#enrolled) {
      const { core_keys, fingerprint, enrolled_at } = this.#enrolled;
      return { keys: core_keys.map(fingerprintOf), of: `${fingerprint} ${enrolled_at}` };
    }
    return issued && { keys: [issued.signedBy], of: `${issued.edgeId} ${issued.signedBy}` };
  }

  async token(signal: AbortSignal): Promise<string> {
    if (!this.#enrolled) this.#lookAgain();
    const { issued, clock } = this.#options;
    if (!this.#enrolled) {
      if (issued) return issued.token;
      throw refusal('not_enrolled');
    }
    if (this.#held && clock.monotonic() < this.#held.renewAt) return this.#held.token;
    this.#asking ??= this.#ask(this.#enrolled, signal).finally(() => {
      this.#asking = null;
    });
    return await this.#asking;
  }

  refused(token: string): boolean {
    if (this.#held?.token === token) this.#held = null;
    this.#lookAgain();
    return this.#enrolled !== null;
  }

  #lookAgain(): void {
    const found = readIdentity(this.#options.dataFolder);
    if (!found) return;
    const isSame = found.fingerprint === this.#enrolled?.fingerprint;
    this.#enrolled = found;
    if (isSame) return;
    this.#held = null;
    this.#options.onEnrolled?.();
  }

  async #ask(identity: StoredIdentity, signal: AbortSignal): Promise<string> {
    const { clock } = this.#options;
    const asked = clock.monotonic();
    const answer = await this.#exchange(identity, signal);
    const renewAt = asked + answer.expires_in * 1000 * RENEW_SHARE;
    this.#held = { token: answer.access_token, renewAt };
    return answer.access_token;
  }

  /** Once more where the centre says that this box's clock is off: by the centre's time. */
  async #exchange(identity: StoredIdentity, signal: AbortSignal) {
    const { url, clock, transport } = this.#options;
    for (let isFirst = true; ; isFirst = false) {
      const assertion = await signAssertion(identity, clock.now() + this.#offsetMs);
      const body = { grant_type: JWT_BEARER, assertion };
      const post = { url: `${url}/api/v1/edge/token`, body, clock, transport, signal };
      try {
        return await postToCore(post, TokenAnswer);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        const serverTime = Date.parse(String(error.details.server_time));
        const isSkewed = error.code === 'CLOCK_SKEWED' && !Number.isNaN(serverTime);
        if (!isSkewed || !isFirst) throw this.#refusedBy(error);
        this.#offsetMs = serverTime - clock.now();
      }
    }
  }

  #refusedBy(error: AppError): DestinationFailure {
    // Enrolled again meanwhile: the next request shows the new key.
    this.#lookAgain();
    if (error.code === 'EDGE_REVOKED') return refusal('credential_revoked', error);
    if (error.code === 'CLOCK_SKEWED') return refusal('clock_skewed', error);
    return refusal('credential_refused', error);
  }
}

/** Null where no centre is configured. */
export function createCredential(
  { core, dataFolder }: Pick<EdgeConfig, 'core' | 'dataFolder'>,
  seams: Pick<BoxCredentialOptions, 'clock' | 'transport' | 'onEnrolled'>,
): Credential | null {
  return core && new BoxCredential({ ...core, dataFolder, ...seams });
}

function refusal(code: SymptomCode, cause?: unknown): DestinationFailure {
  return new DestinationFailure('core', code, sentenceOf(code, 'core'), 0, { cause });
}
