import { connect, createServer, type Server, type Socket } from 'node:net';

/** What is done to the connections of a link. */
export type Meddling =
  | { readonly kind: 'pass' }
  /** Something else answers, whatever is asked: a page to log in, say. */
  | { readonly kind: 'portal'; readonly answer: string }
  /** The other side gets and does everything; its answer to the request is lost. */
  | { readonly kind: 'swallow-answer'; readonly to: RegExp; left: number }
  /** One bit of the request's body is another one when it arrives. */
  | { readonly kind: 'flip-request'; readonly to: RegExp; left: number }
  /** One bit of the answer's body is another one when it arrives. */
  | { readonly kind: 'flip-answer'; readonly to: RegExp; left: number }
  /** The first request to each third address ends in the middle. */
  | { readonly kind: 'cut-third'; readonly to: RegExp; readonly afterBytes: number };

export interface SeenRequest {
  /** Milliseconds of the monotonic clock. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
}

interface Exchange {
  request: string;
  /** To be ended in the middle, where that is what is done. */
  unlucky: boolean;
  /** Bytes that have come from the edge since the request's head began. */
  sent: number;
  flipped: boolean;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const REQUEST = /^(GET|PUT|POST|HEAD|DELETE) (\S+) HTTP\/1\.1\r\n/;

/** A line between an edge and the centre whose bytes somebody touches; it counts them, too. */
export class Meddler {
  readonly requests: SeenRequest[] = [];
  /** Bytes from the edge, and when. */
  readonly sent: { readonly at: number; readonly bytes: number }[] = [];
  /** Times at which something came back from the centre. */
  readonly answers: number[] = [];
  meddling: Meddling = { kind: 'pass' };
  #target: URL;
  /** Addresses that were asked for since the last change of what is done. */
  readonly #asked = new Set<string>();
  readonly #open = new Set<Socket>();
  readonly #server: Server;

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#server = createServer((client) => this.#serve(client));
  }

  static async listen(target: string): Promise<Meddler> {
    const meddler = new Meddler(target);
    const { promise, resolve } = Promise.withResolvers<void>();
    meddler.#server.listen(0, '127.0.0.1', resolve);
    await promise;
    return meddler;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  get bytesSent(): number {
    return this.sent.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Where it leads from now on. */
  set target(url: string) {
    this.#target = new URL(url);
  }

  /** Changes what is done; connections that are open end, so that nothing goes on as before. */
  set(meddling: Meddling): void {
    this.meddling = meddling;
    this.#asked.clear();
    for (const socket of this.#open) socket.destroy();
  }

  stop(): void {
    for (const socket of this.#open) socket.destroy();
    this.#server.close();
  }

  #serve(client: Socket): void {
    const upstream = connect(Number(this.#target.port), this.#target.hostname);
    const exchange: Exchange = { request: '', unlucky: false, sent: 0, flipped: false };
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.#open.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#open.delete(socket);
        other.destroy();
      });
      socket.on('end', () => other.end());
      socket.on('drain', () => other.resume());
    }
    client.on('data', (bytes: Buffer) => {
      const passed = this.#onRequest(client, exchange, bytes);
      if (passed && !upstream.write(passed)) client.pause();
    });
    upstream.on('data', (bytes: Buffer) => {
      this.answers.push(performance.now());
      const passed = this.#onAnswer(client, exchange, bytes);
      if (passed && !client.write(passed)) upstream.pause();
    });
  }

  /** Answers what goes on to the centre; undefined: nothing. */
  #onRequest(client: Socket, exchange: Exchange, bytes: Buffer): Buffer | undefined {
    const head = REQUEST.exec(bytes.subarray(0, 4096).toString('latin1'));
    if (head) {
      const [, method = '', path = ''] = head;
      this.requests.push({ at: performance.now(), method, path });
      const request = `${method} ${path}`;
      const address = addressOf(path);
      const unlucky = !this.#asked.has(address) && this.#asked.size % 3 === 0;
      if (this.meddling.kind === 'cut-third' && this.meddling.to.test(request)) {
        this.#asked.add(address);
      }
      Object.assign(exchange, { request, unlucky, sent: 0, flipped: false });
    }
    exchange.sent += bytes.length;
    this.sent.push({ at: performance.now(), bytes: bytes.length });
    const { meddling } = this;
    if (meddling.kind === 'portal') {
      client.end(meddling.answer);
      return undefined;
    }
    if (meddling.kind === 'cut-third' && meddling.to.test(exchange.request)) {
      if (exchange.unlucky && exchange.sent > meddling.afterBytes) client.destroy();
    }
    if (meddling.kind !== 'flip-request' || exchange.flipped) return bytes;
    const body = bodyStart(bytes, head !== null);
    if (!meddling.to.test(exchange.request) || meddling.left <= 0) return bytes;
    if (body >= bytes.length) return bytes;
    exchange.flipped = true;
    meddling.left--;
    return flipped(bytes, Math.floor((body + bytes.length) / 2));
  }

  #onAnswer(client: Socket, exchange: Exchange, bytes: Buffer): Buffer | undefined {
    const { meddling } = this;
    if (meddling.kind === 'swallow-answer' && meddling.left > 0) {
      if (!meddling.to.test(exchange.request) || isContinue(bytes)) return bytes;
      meddling.left--;
      client.resetAndDestroy();
      return undefined;
    }
    if (meddling.kind === 'flip-answer' && meddling.left > 0) {
      const body = bodyStart(bytes, true);
      if (!meddling.to.test(exchange.request) || body >= bytes.length) return bytes;
      meddling.left--;
      return flipped(bytes, Math.floor((body + bytes.length) / 2));
    }
    return bytes;
  }
}

/** What is put there: the object, and which part of it, whatever the signature says. */
export function addressOf(path: string): string {
  return path.replace(/\?.*?(partNumber=\d+)?(?:&.*)?$/, '?$1');
}

function bodyStart(bytes: Buffer, hasHead: boolean): number {
  if (!hasHead) return 0;
  const end = bytes.indexOf(HEAD_END);
  return end < 0 ? bytes.length : end + HEAD_END.length;
}

function isContinue(bytes: Buffer): boolean {
  return bytes.subarray(0, 12).toString('latin1') === 'HTTP/1.1 100';
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = copy[at]! ^ 1;
  return copy;
}
