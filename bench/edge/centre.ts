import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { S3ObjectStore } from '@demeter/common/object-store/s3';

const ORGANISATION = '01890000-0000-7000-8000-000000000001';
const EDGE = '01890000-0000-7000-8000-0000000000ed';

export interface Centre {
  /** Settings with which an edge sends here. */
  readonly env: Readonly<Record<string, string>>;
  /** Makes grants and receipts ahead: a centre's own work is not what is measured. */
  expect(photos: readonly ExpectedPhoto[]): Promise<void>;
  /** Seconds from the receipt of the last of some first photos to that of the last of so many more. */
  stored(first: number, photos: number): Promise<number>;
  stop(): void;
}

/** As much of a centre as forwarding asks: grants for a real store, receipts with a real signature. */
export function startCentre(store: S3ObjectStore): Centre {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const exported = publicKey.export({ format: 'jwk' });
  const { crv, kty, x } = exported;
  // RFC 7638: a box believes only keys that are called by their own fingerprint.
  const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url');
  const jwk = { ...exported, kid, alg: 'EdDSA', use: 'sig' };
  const jws = (header: object, payload: object) => {
    const text = [header, payload].map((part) => encode(JSON.stringify(part))).join('.');
    return `${text}.${encode(sign(null, Buffer.from(text), privateKey))}`;
  };
  const stored = new Set<string>();
  let onStored: (count: number) => void = () => {};

  const grants = new Map<string, object>();
  const registrations = new Map<string, object>();
  const expectOne = async ({ sha256, size_bytes }: ExpectedPhoto) => {
    const key = keyOf(sha256);
    const facts = { sha256, sizeBytes: size_bytes, mediaType: 'image/jpeg', expiresInSeconds: 600 };
    const grant = { method: 'PUT', ...(await store.grantPut(key, facts)) };
    grants.set(sha256, { state: 'put', grant });
    const received_at = new Date().toISOString();
    const payload = { sha256, size_bytes, organisation_id: ORGANISATION, received_at, key };
    const receipt = jws({ alg: 'EdDSA', typ: 'receipt+jws', kid }, payload);
    registrations.set(sha256, { photo_id: sha256, state: 'queued', receipt });
  };
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: async (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === '/api/v1/keys') return Response.json({ keys: [jwk] });
      if (pathname === '/api/v1/edge/grants') {
        return answerOf(grants.get(await askedOf(request)));
      }
      if (pathname === '/api/v1/edge/photos') {
        const sha256 = await askedOf(request);
        onStored(stored.add(sha256).size);
        return answerOf(registrations.get(sha256), 201);
      }
      return answerOf(undefined);
    },
  });
  const token = jws(
    { alg: 'EdDSA', typ: 'edge+jwt', kid },
    { org: ORGANISATION, sub: `edge:${EDGE}`, exp: Math.floor(Date.now() / 1000) + 86_400 },
  );
  return {
    env: {
      DEMETER_EDGE_CORE_URL: `http://127.0.0.1:${server.port}`,
      DEMETER_EDGE_TOKEN: token,
    },
    expect: async (photos) => {
      await Promise.all(photos.map(expectOne));
    },
    stored: (first, photos) => {
      stored.clear();
      let began = 0;
      return new Promise((resolve) => {
        onStored = (count) => {
          // A photo that is registered again starts no clock again.
          if (count === first) began ||= performance.now();
          if (count === first + photos) resolve((performance.now() - began) / 1000);
        };
      });
    },
    stop: () => server.stop(true),
  };
}

interface ExpectedPhoto {
  readonly sha256: string;
  readonly size_bytes: number;
}

function answerOf(body: object | undefined, status = 200): Response {
  return body
    ? Response.json(body, { status })
    : Response.json({ code: 'NOT_FOUND' }, { status: 404 });
}

async function askedOf(request: Request): Promise<string> {
  return ((await request.json()) as ExpectedPhoto).sha256;
}

function keyOf(sha256: string): string {
  return `inbox/${ORGANISATION}/${EDGE}/${sha256}`;
}

function encode(bytes: string | Buffer): string {
  return Buffer.from(bytes).toString('base64url');
}
