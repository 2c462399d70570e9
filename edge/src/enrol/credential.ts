import type { EdgeConfig, IssuedToken } from '../config.ts';

/** Who this box is at the centre. */
export interface Identity {
  readonly edgeId: string;
  readonly organisationId: string;
}

/** What the box shows the core: a token that it was given, or one it asks for with its own key. */
export interface Credential {
  /** Null until the box is enrolled. */
  identity(): Identity | null;
  /** A bearer token to send now. Throws DestinationFailure. */
  token(signal: AbortSignal): Promise<string>;
  /** The core refused this token. True: another one can be had at once, so try again. */
  refused(token: string): boolean;
}

/** The credential of `demeter edge add --token`: good for two years, and then replaced by hand. */
class IssuedCredential implements Credential {
  constructor(private readonly issued: IssuedToken) {}

  identity(): Identity {
    return this.issued;
  }

  async token(): Promise<string> {
    return this.issued.token;
  }

  refused(): boolean {
    return false;
  }
}

/** Null where no centre is configured. */
export function createCredential({ core }: Pick<EdgeConfig, 'core'>): Credential | null {
  return core && new IssuedCredential(core.issued);
}
