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
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Values } from './config.ts';

export type { Attributes, Span } from '@opentelemetry/api';

/** A collector that does not answer must not hold up the end of the process. */
const SHUTDOWN_MS = 2_000;
const EXPORT_TIMEOUT_MS = 5_000;

export interface Telemetry {
  /** Sends what is queued, for two seconds at most; never throws. */
  shutdown(): Promise<void>;
}

/** Call once, first in `main`. `service`: "core", "edge", "inference". */
export function startTelemetry(
  service: string,
  values: Pick<Values, 'OTEL_EXPORTER_OTLP_ENDPOINT'>,
): Telemetry {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  if (!values.OTEL_EXPORTER_OTLP_ENDPOINT) return { shutdown: async () => {} };
  const resource = defaultResource().merge(
    resourceFromAttributes({ 'service.name': `demeter-${service}` }),
  );
  // The exporter reads OTEL_EXPORTER_OTLP_* by itself, the endpoint included.
  const exporter = new OTLPTraceExporter({ timeoutMillis: EXPORT_TIMEOUT_MS });
  const provider = new NodeTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(exporter, { exportTimeoutMillis: EXPORT_TIMEOUT_MS })],
  });
  trace.setGlobalTracerProvider(provider);
  return {
    shutdown: async () => {
      const late = new Promise<void>((resolve) => setTimeout(resolve, SHUTDOWN_MS).unref());
      await Promise.race([provider.shutdown().catch(() => {}), late]);
    },
  };
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
