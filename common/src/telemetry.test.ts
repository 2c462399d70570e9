import { afterEach, expect, test } from 'bun:test';
import { context, propagation, trace } from '@opentelemetry/api';
import { currentTraceparent, startTelemetry, withSpan } from './telemetry.ts';

// A process starts it once; each test is a new start.
afterEach(() => {
  for (const api of [trace, context, propagation]) api.disable();
});

const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

test('carries a traceparent on without a collector, and a collector out of reach hurts nothing', async () => {
  const quiet = await startTelemetry('test', { OTEL_EXPORTER_OTLP_ENDPOINT: undefined });
  expect(currentTraceparent()).toBeUndefined();
  await withSpan('step', { traceparent: PARENT }, async () => {
    await Bun.sleep(1);
    expect(currentTraceparent()).toBe(PARENT);
  });
  await quiet.shutdown();

  // Nothing listens on the discard port.
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = 'http://127.0.0.1:9';
  const telemetry = await startTelemetry('test', {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
  });
  await withSpan('step', { traceparent: PARENT }, async () => {
    const inner = currentTraceparent() ?? '';
    expect(inner.slice(3, 35)).toBe(PARENT.slice(3, 35));
    expect(inner).not.toBe(PARENT);
  });
  await telemetry.shutdown();
});

test('sends spans to the collector, with their parent and what went wrong', async () => {
  const bodies: string[] = [];
  const collector = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: async (request) => {
      bodies.push(`${new URL(request.url).pathname} ${await request.text()}`);
      return Response.json({});
    },
  });
  const endpoint = `http://127.0.0.1:${collector.port}`;
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = endpoint;
  const telemetry = await startTelemetry('test', { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
  const failing = withSpan('failing step', { traceparent: PARENT }, async () => {
    throw new Error('the lens cap is on');
  });
  const error = await failing.catch((reason: unknown) => reason);
  expect(String(error)).toContain('lens cap');
  await telemetry.shutdown();
  await collector.stop(true);
  expect(bodies.join()).toStartWith('/v1/traces ');
  for (const part of ['failing step', 'lens cap', 'demeter-test', PARENT.slice(3, 35)]) {
    expect(bodies.join()).toContain(part);
  }
});

test('what exports spans is loaded only where they are exported', async () => {
  const loadedWith = async (endpoint: string | undefined) => {
    const settings = JSON.stringify({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
    const program = `
      import { startTelemetry } from './telemetry.ts';
      await startTelemetry('test', ${settings});
      console.log(Object.keys(require.cache).some((path) => path.includes('exporter-trace')));
      process.exit();`;
    return (await Bun.$`${process.execPath} -e ${program}`.cwd(import.meta.dir).text()).trim();
  };
  expect(await loadedWith(undefined)).toBe('false');
  expect(await loadedWith('http://127.0.0.1:9')).toBe('true');
});
