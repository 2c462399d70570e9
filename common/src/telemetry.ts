/**
 * Traces: one span a step, carried between processes as a W3C `traceparent`.
 *
 * Without OTEL_EXPORTER_OTLP_ENDPOINT nothing is recorded or sent, but a traceparent that came in
 * still goes out, so that a part without an exporter does not cut a trace in two. Spans are sent in
 * the background from a bounded queue: a collector out of reach loses spans and nothing else.
 */
import {
  type Attributes,
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import type { Values } from './config.ts';

export type { Attributes, Span } from '@opentelemetry/api';

export interface Telemetry {
  /** Sends what is queued, for two seconds at most; never throws. */
  shutdown(): Promise<void>;
}

/** Call once, first in `main`. `service`: "core", "edge", "inference". */
export async function startTelemetry(
  service: string,
  values: Pick<Values, 'OTEL_EXPORTER_OTLP_ENDPOINT'>,
): Promise<Telemetry> {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  if (!values.OTEL_EXPORTER_OTLP_ENDPOINT) return { shutdown: async () => {} };
  // Libraries that a small box need not hold in its memory.
  const { exportSpans } = await import('./span-export.ts');
  return exportSpans(service);
}

export interface SpanOptions {
  /** Parent from another process; without it the span under way in this one. */
  readonly traceparent?: string | null | undefined;
  /** Spans that belong to it without being its parent, e.g. hours later. */
  readonly linkedTraceparent?: string | null | undefined;
  readonly attributes?: Attributes;
}

/** Runs `run` inside a span that ends with it; what it throws is noted on the span and thrown on. */
export async function withSpan<T>(
  name: string,
  options: SpanOptions,
  run: (span: Span) => Promise<T>,
): Promise<T> {
  const parent = options.traceparent ? contextOf(options.traceparent) : context.active();
  const link = options.linkedTraceparent
    ? trace.getSpanContext(contextOf(options.linkedTraceparent))
    : undefined;
  const span = trace.getTracer('demeter').startSpan(
    name,
    {
      ...(options.attributes === undefined ? {} : { attributes: options.attributes }),
      ...(link === undefined ? {} : { links: [{ context: link }] }),
    },
    parent,
  );
  try {
    return await context.with(trace.setSpan(parent, span), () => run(span));
  } catch (error) {
    span.setStatus({
      code: SpanStatusCode.ERROR,
      message: error instanceof Error ? error.message : String(error),
    });
    throw error;
  } finally {
    span.end();
  }
}

/** The `traceparent` to send along with what is called from here; undefined outside any trace. */
export function currentTraceparent(): string | undefined {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent;
}

function contextOf(traceparent: string): Context {
  return propagation.extract(ROOT_CONTEXT, { traceparent });
}
