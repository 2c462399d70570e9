import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { AppError } from '@demeter/common/errors';
import { z } from 'zod';
import { SCOPES, type Scope } from './scopes.ts';

/** A caller that a token has named. */
export interface Bearer {
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
}

/** DEMETER_GRPC_TOKENS_FILE: `[{"name", "sha256", "scopes"}]`; of each token only its hash. */
const fileSchema = z.array(
  z.strictObject({
    name: z.string().min(1),
    sha256: z.string().regex(/^[0-9a-f]{64}$/, 'the SHA-256 of the token in lower-case hex'),
    scopes: z.array(z.enum(SCOPES)).min(1),
  }),
);

interface Known extends Bearer {
  readonly hash: Buffer;
}

/** The tokens that may call: DEMETER_GRPC_TOKEN, which has every scope, and those of the file. */
export class Tokens {
  #known: readonly Known[] = [];

  /** Throws INVALID_SETTING. */
  constructor(
    private readonly shared: string | undefined,
    private readonly file: string | undefined,
  ) {
    this.read();
  }

  /** False: whoever reaches the server may do everything (loopback, or mutual TLS). */
  get required(): boolean {
    return this.shared !== undefined || this.file !== undefined;
  }

  /** Reads the file again. Throws INVALID_SETTING, and then the tokens stay as they were. */
  read(): void {
    const own = this.shared === undefined ? [] : [toKnown('shared', hashOf(this.shared), SCOPES)];
    this.#known = [...own, ...(this.file === undefined ? [] : readTokens(this.file))];
  }

  /** Whose token it is. Compares with every one, so that time tells nothing. */
  find(token: string): Bearer | undefined {
    const hash = hashOf(token);
    return this.#known.filter((known) => timingSafeEqual(known.hash, hash))[0];
  }
}

function readTokens(path: string): Known[] {
  try {
    const entries = fileSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    return entries.map(({ name, sha256, scopes }) =>
      toKnown(name, Buffer.from(sha256, 'hex'), scopes),
    );
  } catch (cause) {
    throw new AppError('INVALID_SETTING', `${path} holds no list of tokens.`, {
      field: 'DEMETER_GRPC_TOKENS_FILE',
      hint: 'docs/protocols.md shows its form.',
      cause,
    });
  }
}

function toKnown(name: string, hash: Buffer, scopes: readonly Scope[]): Known {
  return { name, hash, scopes: new Set<Scope>(['health', ...scopes]) };
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
