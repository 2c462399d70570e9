import { createHash } from 'node:crypto';
import { canonicalJson } from '@demeter/common/canonical';
import type { EdgeConfiguration } from '@demeter/common/edge-configuration/schema';
import { CompactSign, exportJWK, generateKeyPair } from 'jose';
import type { CoreClient } from '../forward/core-client.ts';
import { DestinationFailure } from '../forward/failures.ts';

export const IDENTITY = { organisationId: 'organisation', edgeId: 'box' };

export interface Offer {
  readonly version: number;
  readonly configuration?: EdgeConfiguration;
  /** `NAME/VERSION/FILE` → bytes. */
  readonly models?: Readonly<Record<string, Buffer>>;
  /** Fields of the payload instead of the true ones. */
  readonly payload?: object;
  readonly typ?: string;
  readonly strangersKey?: boolean;
}

/** A centre that signs what it is told to, true or not, and can cut what it sends. */
export async function startSigningCentre() {
  const pair = await generateKeyPair('EdDSA', { extractable: true });
  const stranger = await generateKeyPair('EdDSA', { extractable: true });
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'EdDSA' };
  const keySet: { keys: Record<string, unknown>[] } = { keys: [jwk] };
  const pieces = new Map<string, Buffer>();
  const told: unknown[] = [];
  const asked: { path: string; headers: Readonly<Record<string, string>> }[] = [];
  let manifest: string | null = null;
  let version = 0;
  let cutAfter = Number.POSITIVE_INFINITY;
  let away = false;
  let missed = 0;
  let silent = false;

  const keep = (name: string, bytes: Buffer) => {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    pieces.set(sha256, bytes);
    return { name, sha256, size_bytes: bytes.length };
  };

  const offer = async (given: Offer): Promise<void> => {
    const { configuration = {}, models = {}, payload, typ = 'edge-configuration+jws' } = given;
    version = given.version;
    const all = {
      version,
      edge_id: IDENTITY.edgeId,
      organisation_id: IDENTITY.organisationId,
      issued_at: '2026-05-01T00:00:00.000Z',
      not_before: null,
      pieces: [
        keep('configuration', Buffer.from(canonicalJson(configuration))),
        ...Object.entries(models).map(([name, bytes]) => keep(`models/${name}`, bytes)),
      ],
      ...payload,
    };
    manifest = await new CompactSign(Buffer.from(JSON.stringify(all)))
      .setProtectedHeader({ alg: 'EdDSA', typ, kid: 'k1' })
      .sign(given.strangersKey ? stranger.privateKey : pair.privateKey);
  };

  const open = async (path: string, headers: Readonly<Record<string, string>>) => {
    if (away) {
      missed++;
      throw new DestinationFailure('core', 'unreachable', 'away');
    }
    asked.push({ path, headers });
    if (silent) return new Response(new ReadableStream({ pull: () => new Promise(() => {}) }));
    if (path === 'edge/configuration') {
      const etag = `"${version}"`;
      if (headers['if-none-match'] === etag) return new Response(null, { status: 304 });
      return Response.json({ manifest }, { headers: { etag } });
    }
    const bytes = pieces.get(path.split('/').pop() ?? '') ?? Buffer.alloc(0);
    const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
    const sent = bytes.subarray(from, Math.min(bytes.length, from + cutAfter));
    return new Response(new Uint8Array(sent), { status: from > 0 ? 206 : 200 });
  };

  return {
    offer,
    pieces,
    told,
    asked,
    keySet,
    manifest: () => manifest ?? '',
    setCut: (bytes: number) => {
      cutAfter = bytes;
    },
    setAway: (now: boolean) => {
      away = now;
    },
    /** Requests that came while it was away. */
    missed: () => missed,
    /** Answers whose bodies never come. */
    setSilent: (now: boolean) => {
      silent = now;
    },
    core: {
      open,
      ask: async (_path: string, _schema: unknown, _signal: AbortSignal, body?: unknown) => {
        if (away) throw new DestinationFailure('core', 'unreachable', 'away');
        told.push(body);
        return { taken: true };
      },
    } as unknown as Pick<CoreClient, 'open' | 'ask'>,
  };
}

export type SigningCentre = Awaited<ReturnType<typeof startSigningCentre>>;
