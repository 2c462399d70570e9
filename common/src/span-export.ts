import { trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

/** A collector that does not answer must not hold up the end of the process. */
const SHUTDOWN_MS = 2_000;
const EXPORT_TIMEOUT_MS = 5_000;

/** From now on spans go to the collector of OTEL_EXPORTER_OTLP_*, which the exporter reads itself. */
export function exportSpans(service: string): { shutdown(): Promise<void> } {
  const resource = defaultResource().merge(
    resourceFromAttributes({ 'service.name': `demeter-${service}` }),
  );
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
