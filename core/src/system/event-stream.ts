import type { CoreContext } from '../context.ts';
import type { CoreEvent } from '../events.ts';

/** Keeps proxies and Bun's idle timeout from cutting a silent stream. */
const HEARTBEAT_MS = 5_000;
/** Events that wait for a reader who is slow; beyond it the stream ends and the page reconnects. */
const QUEUE_MAX = 1_000;

/** A stream ends after so long and the page opens it again: with a token that must still be good. */
const STREAM_MAX_MS = 10 * 60_000;

type StreamContext = Pick<CoreContext, 'events' | 'stopping'>;

export interface StreamOptions {
  readonly organisationId: string;
  /** Inference servers that count now: later ones come as events. */
  readonly servers: number;
}

/** Server-sent events of one organisation, until the reader leaves or the core stops. */
export function createEventStream(
  { events, stopping }: StreamContext,
  { organisationId, servers }: StreamOptions,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let end = () => {};
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        const send = (text: string) => {
          if ((controller.desiredSize ?? 0) <= 0) end();
          else controller.enqueue(encoder.encode(text));
        };
        const tell = (event: CoreEvent) => {
          const text = toText(event, organisationId);
          if (text !== undefined) send(text);
        };
        const unsubscribe = events.subscribe(tell);
        const heartbeat = setInterval(() => send(': still here\n\n'), HEARTBEAT_MS);
        const limit = setTimeout(() => end(), STREAM_MAX_MS);
        end = () => {
          end = () => {};
          clearInterval(heartbeat);
          clearTimeout(limit);
          unsubscribe();
          stopping.removeEventListener('abort', stop);
          controller.close();
        };
        const stop = () => end();
        stopping.addEventListener('abort', stop, { once: true });
        // The head of the answer goes out with the first bytes.
        send('retry: 2000\n: welcome\n\n');
        tell({ type: 'server', data: { servers } });
        if (stopping.aborted) end();
      },
      cancel: () => {
        const finish = end;
        end = () => {};
        try {
          finish();
        } catch {
          // The stream is closed already: the reader left first.
        }
      },
    },
    new CountQueuingStrategy({ highWaterMark: QUEUE_MAX }),
  );
}

function toText(event: CoreEvent, organisationId: string): string | undefined {
  if (event.type === 'wake') return undefined;
  if ('organisationId' in event && event.organisationId !== organisationId) return undefined;
  return `event: ${event.type}\ndata: ${JSON.stringify(event.data)}\n\n`;
}
