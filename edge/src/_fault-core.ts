import { createHash } from 'node:crypto';
import { exportJWK, type GenerateKeyPairResult, generateKeyPair, SignJWT } from 'jose';
import { fingerprintOf } from './enrol/key.ts';

/**
 * A core that misbehaves on request, for the forwarder's tests. It is no model of the real one,
 * which the system tests run; it answers by docs/protocols.md unless a fault is set.
 */

export interface Call {
  readonly step: 'grant' | 'put' | 'register' | 'keys';
  readonly sha256: string;
  readonly body?: unknown;
}

interface Asked {
  readonly sha256: string;
  readonly size_bytes: number;
  readonly media_type: string;
  readonly sighting: { readonly id: string };
}

/** Answers instead of the core, or null to let it answer. */
export type Fault = (call: Call, request: Request) => Response | null | Promise<Response | null>;

/** What else of the core a test wants answered. */
export type Routes = (
  request: Request,
  pathname: string,
) => Response | null | Promise<Response | null>;

const STEPS: Readonly<Record<string, 'grant' | 'register'>> = {
  '/api/v1/edge/grants': 'grant',
  '/api/v1/edge/photos': 'register',
};

export const ORGANISATION = '01890000-0000-7000-8000-000000000001';
export const EDGE = '01890000-0000-7000-8000-0000000000ed';

const newKeys = async (): Promise<GenerateKeyPairResult> =>
  await generateKeyPair('EdDSA', { extractable: true });

/** `keys`: of a core that was there before. */
export async function startFaultCore(port = 0, keys?: GenerateKeyPairResult) {
  const { publicKey, privateKey } = keys ?? (await newKeys());
  const stranger = await generateKeyPair('EdDSA', { extractable: true });
  const exported = await exportJWK(publicKey);
  const kid = fingerprintOf(exported);
  const jwk = { ...exported, kid, alg: 'EdDSA', use: 'sig' };
  const token = await new SignJWT({ org: ORGANISATION })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'edge+jwt', kid })
    .setIssuer('demeter')
    .setAudience('demeter-edge')
    .setSubject(`edge:${EDGE}`)
    .setExpirationTime('1h')
    .sign(privateKey);
  const objects = new Map<string, Buffer>();
  /** Sighting ids by photo: what the core would count. */
  const registered = new Map<string, Set<string>>();
  const calls: Call[] = [];
  const tokens = new Set([token]);
  let fault: Fault = () => null;
  let routes: Routes = () => null;

  const receipt = async (sha256: string, changes: object = {}, key = privateKey) =>
    await new SignJWT({
      sha256,
      size_bytes: objects.get(sha256)?.length ?? 0,
      organisation_id: ORGANISATION,
      received_at: new Date().toISOString(),
      key: `photos/${sha256}`,
      ...changes,
    })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'receipt+jws', kid })
      .sign(key);

  const grant = (body: Asked): Response => {
    if (registered.has(body.sha256)) return Response.json({ state: 'stored' });
    const url = `${base()}/inbox/${body.sha256}`;
    const headers = {
      'content-type': body.media_type,
      'content-length': String(body.size_bytes),
      'if-none-match': '*',
      'x-amz-checksum-sha256': Buffer.from(body.sha256, 'hex').toString('base64'),
    };
    const expires_at = new Date(Date.now() + 60_000).toISOString();
    return Response.json({ state: 'put', grant: { method: 'PUT', url, headers, expires_at } });
  };

  const put = async (request: Request, sha256: string): Promise<Response> => {
    const bytes = Buffer.from(await request.arrayBuffer());
    const digest = createHash('sha256').update(bytes);
    if (digest.digest('base64') !== request.headers.get('x-amz-checksum-sha256')) {
      return new Response('<Error><Code>BadDigest</Code></Error>', { status: 400 });
    }
    if (objects.has(sha256)) return new Response(null, { status: 412 });
    objects.set(sha256, bytes);
    return new Response(null, { status: 200 });
  };

  const register = async (body: Asked): Promise<Response> => {
    if (!objects.has(body.sha256)) return problem('PHOTO_NOT_IN_STORE', 409);
    const known = registered.get(body.sha256) ?? new Set();
    registered.set(body.sha256, known.add(body.sighting.id));
    const answer = { photo_id: body.sha256, state: 'queued', receipt: await receipt(body.sha256) };
    return Response.json(answer, { status: known.size === 1 ? 201 : 200 });
  };

  const server = Bun.serve({
    hostname: '127.0.0.1',
    port,
    idleTimeout: 60,
    fetch: async (request): Promise<Response> => {
      const { pathname } = new URL(request.url);
      if (pathname === '/api/v1/keys') {
        const call = { step: 'keys', sha256: '' } as const;
        return (await fault(call, request)) ?? Response.json({ keys: [jwk] });
      }
      if (pathname.startsWith('/inbox/')) {
        const call = { step: 'put', sha256: pathname.slice(7) } as const;
        calls.push(call);
        return (await fault(call, request)) ?? (await put(request, call.sha256));
      }
      if (!tokens.has(request.headers.get('authorization')?.slice(7) ?? '')) {
        return problem('UNAUTHENTICATED', 401);
      }
      const other = await routes(request, pathname);
      if (other) return other;
      const step = STEPS[pathname];
      if (!step) return problem('NOT_FOUND', 404);
      const body = (await request.json()) as Asked;
      const call = { step, sha256: body.sha256, body } as const;
      calls.push(call);
      const replaced = await fault(call, request);
      return replaced ?? (step === 'grant' ? grant(body) : await register(body));
    },
  });
  const base = (): string => `http://127.0.0.1:${server.port}`;
  return {
    url: base(),
    port: server.port ?? 0,
    token,
    keys: { publicKey, privateKey },
    objects,
    registered,
    calls,
    receipt,
    strangersKey: stranger.privateKey,
    /** Does what a call asks for, whatever is answered to it. */
    act: async (call: Call, request: Request): Promise<void> => {
      if (call.step === 'put') await put(request, call.sha256);
      if (call.step === 'register') await register(call.body as Asked);
    },
    /** Takes the credential of an earlier core as well. */
    accept: (other: string) => tokens.add(other),
    setFault: (next: Fault | null) => {
      fault = next ?? (() => null);
    },
    /** Answers more than photos: null leaves a request to the core. */
    setRoutes: (next: Routes) => {
      routes = next;
    },
    env: { DEMETER_EDGE_CORE_URL: base(), DEMETER_EDGE_TOKEN: token },
    stop: () => server.stop(true),
  };
}

export type FaultCore = Awaited<ReturnType<typeof startFaultCore>>;

export function problem(code: string, status: number, headers: Record<string, string> = {}) {
  const body = { type: `/errors/${code}`, title: code, status, code, detail: code };
  return Response.json(body, {
    status,
    headers: { ...headers, 'content-type': 'application/problem+json' },
  });
}
