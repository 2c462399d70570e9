import type { Clock } from '@demeter/common/clock';
import { PhotoFailure } from './failures.ts';
import { failureOfAnswer, failureOfError } from './recognise.ts';
import { OVER, type Transport, type Upload, type UploadAnswer } from './transport.ts';

/** Of Bun's: a body that is not as long as its headers say. */
const OTHER_LENGTH = 'ERR_HTTP_CONTENT_LENGTH_MISMATCH';

/**
 * Puts bytes where a grant allows it. `exists`: something is there already, and registration
 * compares. After `silenceMaxMs` in which nothing of them was taken, nor answered, their connection
 * counts as dead. Throws DestinationFailure (`timeout` of such a one), PhotoFailure.
 */
export async function put(
  transport: Transport,
  upload: Upload,
  { clock, silenceMaxMs }: { readonly clock: Clock; readonly silenceMaxMs: number },
): Promise<'stored' | 'exists'> {
  const answer = await watched(transport, upload, clock, silenceMaxMs);
  const { status, contentType, text, retryAfter = null } = answer;
  const seen = { destination: 'store', status, contentType, text, code: null } as const;
  const failure = failureOfAnswer({ ...seen, retryAfter }, clock.now());
  if (failure) throw failure;
  if (status < 300) return 'stored';
  if (status === 412) return 'exists';
  const kind = status === 400 || status === 422 ? 'checksum_refused' : 'grant_refused';
  throw new PhotoFailure(kind, `the store answered ${status}: ${text}`);
}

async function watched(
  transport: Transport,
  upload: Upload,
  clock: Clock,
  silenceMaxMs: number,
): Promise<UploadAnswer> {
  const [dead, done] = [new AbortController(), new AbortController()];
  // Null while the bytes are waited for on this side: that is no silence of the link.
  let movedAt: number | null = clock.monotonic();
  let cause: unknown = null;
  const body = async function* () {
    try {
      movedAt = null;
      for await (const chunk of upload.body) {
        movedAt = clock.monotonic();
        yield chunk;
        movedAt = null;
      }
    } catch (error) {
      cause = error;
      throw error;
    } finally {
      movedAt = clock.monotonic();
    }
  };
  const watch = async () => {
    for (;;) {
      const silentMs = movedAt === null ? 0 : clock.monotonic() - movedAt;
      if (silentMs >= silenceMaxMs) break;
      await clock.sleep(silenceMaxMs - silentMs, done.signal);
    }
    dead.abort(new DOMException(`silent for ${silenceMaxMs} ms`, 'TimeoutError'));
  };
  watch().catch(() => {});
  try {
    const signal = AbortSignal.any([upload.signal, dead.signal]);
    return await transport.upload({ ...upload, body: body(), signal });
  } catch (error) {
    // Bytes that end in an error break the connection, which may say so first.
    if (cause !== null) throw cause;
    if ((error as { code?: unknown }).code === OTHER_LENGTH) {
      throw new PhotoFailure('bytes_changed', 'the photo has another length than it had', {
        cause: error,
      });
    }
    throw failureOfError('store', error);
  } finally {
    done.abort(OVER);
  }
}
