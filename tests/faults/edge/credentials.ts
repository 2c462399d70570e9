import {
  createHash,
  createHmac,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  sign,
} from 'node:crypto';
import { must } from '../fault-case.ts';
import type { EdgeSystem } from './edge-system.ts';

type Claims = Readonly<Record<string, unknown>>;

const base64url = (text: string | Uint8Array) => Buffer.from(text).toString('base64url');

export function compactJws(
  header: Claims,
  claims: Claims,
  signer: (text: string) => Uint8Array,
): string {
  const text = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(claims))}`;
  return `${text}.${base64url(signer(text))}`;
}

export function partsOf(token: string): { header: Claims; claims: Claims; signature: string } {
  const [header = '', claims = '', signature = ''] = token.split('.');
  const parse = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Claims;
  return { header: parse(header), claims: parse(claims), signature };
}

/** A key pair that a thief or a box made. */
export class OwnKey {
  readonly #privateKey: KeyObject;
  readonly publicJwk: { readonly kty: string; readonly crv: string; readonly x: string };

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    this.#privateKey = privateKey;
    const { kty = '', crv = '', x = '' } = publicKey.export({ format: 'jwk' });
    this.publicJwk = { kty, crv, x };
  }

  /** RFC 7638. */
  get thumbprint(): string {
    const { crv, kty, x } = this.publicJwk;
    return createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url');
  }

  sign(header: Claims, claims: Claims): string {
    return compactJws(header, claims, (text) => sign(null, Buffer.from(text), this.#privateKey));
  }
}

export function signedWithSecret(header: Claims, claims: Claims, secret: string): string {
  return compactJws(header, claims, (text) => createHmac('sha256', secret).update(text).digest());
}

/** A box that has enrolled with a key of its own (docs/protocols.md). */
export class EnrolledBox {
  #key = new OwnKey();

  private constructor(
    private readonly system: EdgeSystem,
    readonly id: string,
    readonly organisation: string,
  ) {}

  static async create(system: EdgeSystem, name: string): Promise<EnrolledBox> {
    const code = `${name}-${randomUUID().slice(0, 8)}`;
    const made = await system.post<{ id: string; enrolment: { code: string } }>('/edges', {
      code,
      name,
    });
    const [row] = await system.sql`select id from organisations limit 1`;
    const box = new EnrolledBox(system, made.id, String(row.id));
    await box.enrol(made.enrolment.code);
    return box;
  }

  get key(): OwnKey {
    return this.#key;
  }

  /** With a key that it makes now; without a code it is given another one first, as by a person. */
  async enrol(given?: string): Promise<void> {
    const { system, id } = this;
    const code = given ?? (await system.post<{ code: string }>(`/edges/${id}/code`)).code;
    this.#key = new OwnKey();
    const body = { code, public_key: this.#key.publicJwk };
    const answer = await call(system, 'POST', '/edge/enrol', { body });
    must(answer.status === 200, `a box enrols: ${answer.status} ${answer.text}`);
  }

  assertion(claims: Claims = {}, key = this.key): string {
    const now = Math.floor(Date.now() / 1000);
    const self = `edge:${this.id}`;
    const good = { iss: self, sub: self, aud: 'demeter-edge-token', org: this.organisation };
    const header = { alg: 'EdDSA', typ: 'edge-assertion+jwt', kid: key.thumbprint };
    return key.sign(header, { ...good, iat: now, exp: now + 120, jti: randomUUID(), ...claims });
  }

  async exchange(assertion = this.assertion()): Promise<Answered> {
    const grant_type = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
    return await call(this.system, 'POST', '/edge/token', { body: { grant_type, assertion } });
  }

  async token(): Promise<string> {
    const { status, text } = await this.exchange();
    must(status === 200, `a box gets a token: ${status} ${text}`);
    return (JSON.parse(text) as { access_token: string }).access_token;
  }
}

export interface Answered {
  readonly status: number;
  readonly text: string;
}

interface Asking {
  readonly token?: string;
  readonly body?: unknown;
}

/** Asks the core as a stranger, or with whatever token. */
export async function call(
  system: EdgeSystem,
  method: string,
  path: string,
  { token, body }: Asking = {},
): Promise<Answered> {
  const response = await fetch(`${system.coreUrl}/api/v1${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(20_000),
  });
  return { status: response.status, text: await response.text() };
}

/** Body of a grant's request. */
export function grantBody(bytes: Uint8Array) {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { sha256, size_bytes: bytes.length, media_type: 'image/jpeg' };
}

/** Body of a registration. */
export function registrationBody(bytes: Uint8Array) {
  const id = `01${randomUUID().replaceAll('-', '').toUpperCase().slice(0, 24)}`;
  const sighting = {
    id: id.replaceAll(/[ILOU]/g, 'X'),
    camera: 'camera',
    boot_id: 'boot',
    sequence: 1,
    monotonic_ms: 1,
    captured_at: null,
    captured_at_source: 'none',
    accepted_at: new Date().toISOString(),
  };
  return { ...grantBody(bytes), file_name: null, sighting, correlation_id: randomUUID() };
}
