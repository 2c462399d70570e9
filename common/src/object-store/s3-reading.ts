import { AwsV4Signer } from 'aws4fetch';
import { SIGNER } from './s3-signing.ts';

/** What reads a photo's bytes: `fetch` takes a third of the time that node:http's streams take. */

export interface Reading {
  readonly url: URL;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly region: string;
  /** Longest silence of the server, before and between its bytes; for a small object all of them. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

export interface ReadObject {
  readonly headers: Headers;
  readonly stream: ReadableStream<Uint8Array>;
}

/**
 * A photo of usual size is taken in one piece, which costs the processor less than its stream, and a
 * connection that breaks in its middle is a try that failed; larger ones are streamed.
 */
const WHOLE_BYTES_MAX = 4 * 1024 * 1024;

/** Enough of an error's document to find its code. */
const ERROR_CHARS_MAX = 10_000;

/** One try. Rejects with an error that carries S3's `code`, or that of the connection. */
export async function readObject(reading: Reading): Promise<ReadObject> {
  const { url, accessKey, secretKey, region, timeoutMs, signal } = reading;
  const signer = new AwsV4Signer({
    url: url.href,
    accessKeyId: accessKey,
    secretAccessKey: secretKey,
    region,
    ...SIGNER,
    headers: { 'accept-encoding': 'identity' },
  });
  const { headers } = await signer.sign();
  const silence = new Silence(timeoutMs);
  const signals = signal ? AbortSignal.any([signal, silence.signal]) : silence.signal;
  const answer = await silence.limit(() =>
    fetch(url, { headers, redirect: 'manual', signal: signals }),
  );
  if (answer.status !== 200) {
    const text = await silence.limit(() => answer.text());
    throw errorOf(answer.status, text.slice(0, ERROR_CHARS_MAX));
  }
  const isSmall = Number(answer.headers.get('content-length') ?? Infinity) <= WHOLE_BYTES_MAX;
  // Even a look at `answer.body` makes it a stream.
  const stream = isSmall
    ? inOne(await silence.limit(() => answer.bytes()))
    : limited(answer.body as ReadableStream<Uint8Array>, silence);
  return { headers: answer.headers, stream };
}

function inOne(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      if (bytes.length > 0) controller.enqueue(bytes);
      controller.close();
    },
  });
}

/** Aborts what waits for longer than the server may be silent. */
class Silence {
  readonly #late = new AbortController();
  readonly signal = this.#late.signal;

  constructor(private readonly timeoutMs: number) {}

  async limit<T>(wait: () => Promise<T>): Promise<T> {
    const late = Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' });
    const timer = setTimeout(() => this.#late.abort(late), this.timeoutMs);
    try {
      return await wait();
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The same bytes; whoever does not read them for a while is no silent server. */
function limited(body: ReadableStream<Uint8Array>, silence: Silence): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await silence.limit(() => reader.read());
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

function errorOf(status: number, text: string): Error {
  const [, code = status === 404 ? 'NoSuchKey' : undefined] =
    /<Code>(\w+)<\/Code>/.exec(text) ?? [];
  const isBusy = status === 408 || status === 429 || status >= 500;
  const known = code ?? (isBusy ? 'ServiceUnavailable' : `HTTP${status}`);
  return Object.assign(new Error(`the store answered ${status}`), { code: known });
}
