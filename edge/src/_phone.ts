import { connect } from 'node:net';
import { showPin } from './pairing/pin.ts';

/** For tests: a paired phone, without a browser. */

export interface Phone {
  /** With the session's cookie and token. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  read<T>(path: string): Promise<T>;
  /** Begins an upload; answers its path. Throws with the answer's text. */
  begin(sizeBytes: number, metadata?: Readonly<Record<string, string>>): Promise<string>;
  offset(upload: string): Promise<number>;
  patch(upload: string, offset: number, bytes: Uint8Array): Promise<Response>;
  /** Sends the beginning of a body of so many bytes, and hangs up once it has `arrived`. */
  patchAndHangUp(
    upload: string,
    offset: number,
    body: { readonly sizeBytes: number; readonly beginning: Uint8Array },
    arrived: () => Promise<unknown>,
  ): Promise<void>;
  readonly headers: Readonly<Record<string, string>>;
}

const TUS = { 'tus-resumable': '1.0.0' };
const PATCH_TYPE = 'application/offset+octet-stream';

export async function tryPin(url: string, pin: string, headers: Record<string, string> = {}) {
  return await fetch(`${url}/page/pairing`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ pin, name: 'Test phone' }),
  });
}

export async function pairPhone(url: string, dataFolder: string): Promise<Phone> {
  const answer = await tryPin(url, showPin(dataFolder, Date.now()).pin);
  if (!answer.ok) throw new Error(await answer.text());
  const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
  const { csrf_token } = (await answer.json()) as { csrf_token: string };
  const headers = { cookie, 'x-csrf-token': csrf_token };
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(url + path, { ...init, headers: { ...headers, ...init.headers } });
  const patchHeaders = (offset: number) => ({
    ...TUS,
    'content-type': PATCH_TYPE,
    'upload-offset': String(offset),
  });
  return {
    headers,
    ask,
    read: async (path) => {
      const read = await ask(path);
      if (!read.ok) throw new Error(`${path}: ${read.status} ${await read.text()}`);
      return (await read.json()) as never;
    },
    begin: async (sizeBytes, metadata = {}) => {
      const pairs = Object.entries(metadata).map(
        ([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`,
      );
      const begun = await ask('/uploads', {
        method: 'POST',
        headers: {
          ...TUS,
          'upload-length': String(sizeBytes),
          ...(pairs.length > 0 ? { 'upload-metadata': pairs.join(',') } : {}),
        },
      });
      if (begun.status !== 201) throw new Error(await begun.text());
      return begun.headers.get('location') ?? '';
    },
    offset: async (upload) => {
      const head = await ask(upload, { method: 'HEAD', headers: TUS });
      return head.ok ? Number(head.headers.get('upload-offset')) : -head.status;
    },
    patch: (upload, offset, bytes) =>
      ask(upload, { method: 'PATCH', headers: patchHeaders(offset), body: new Uint8Array(bytes) }),
    patchAndHangUp: async (upload, offset, { sizeBytes, beginning }, arrived) => {
      const { hostname, port } = new URL(url);
      const lines = Object.entries({
        ...headers,
        ...patchHeaders(offset),
        host: `${hostname}:${port}`,
        'content-length': String(sizeBytes),
      }).map(([name, value]) => `${name}: ${value}`);
      const head = `PATCH ${upload} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
      const socket = connect(Number(port), hostname, () => {
        socket.write(Buffer.concat([Buffer.from(head), beginning]));
      });
      socket.on('error', () => {});
      await arrived();
      socket.destroy();
    },
  };
}
