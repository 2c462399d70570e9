import type { Values } from '@demeter/common/config';
import { bad, type Finding, ok } from './finding.ts';

const CONNECT_MS = 3_000;

/** Whether what the settings name can be reached from here. */
export async function examineServers(values: Values): Promise<Finding[]> {
  const named: readonly (readonly [string, string | undefined, string])[] = [
    ['DATABASE_URL', values.DATABASE_URL, 'the embedded database'],
    ['REDIS_URL', values.REDIS_URL, 'in-process; one core alone'],
    ['S3_ENDPOINT', values.S3_ENDPOINT, `the folder ${values.DEMETER_STORE_DIR}`],
    ['DEMETER_EDGE_STORE_ENDPOINT', values.DEMETER_EDGE_STORE_ENDPOINT, 'the edge’s own spool'],
    ['DEMETER_EDGE_CORE_URL', values.DEMETER_EDGE_CORE_URL, 'not set: an edge holds its photos'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', values.OTEL_EXPORTER_OTLP_ENDPOINT, 'no traces'],
  ];
  return await Promise.all(
    named.map(async ([name, url, without]) =>
      url === undefined ? ok(name, without) : await examineUrl(name, url),
    ),
  );
}

const PORTS: Readonly<Record<string, number>> = {
  ...{ 'postgresql:': 5432, 'postgres:': 5432, 'redis:': 6379, 'rediss:': 6379 },
  ...{ 'http:': 80, 'https:': 443 },
};

async function examineUrl(name: string, text: string): Promise<Finding> {
  const url = new URL(text.replace(/^(\w+)\+\w+:/, '$1:'));
  const port = Number(url.port) || PORTS[url.protocol] || 0;
  // Never the whole URL: it may carry a password.
  const where = `${url.hostname}:${port}`;
  return (await accepts(url.hostname, port))
    ? ok(name, `${where} answers`)
    : bad(name, `${where} does not answer`, `start it, or correct ${name}`);
}

async function accepts(hostname: string, port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), CONNECT_MS);
  Bun.connect({
    hostname,
    port,
    socket: {
      open: (socket) => {
        socket.end();
        resolve(true);
      },
      data: () => {},
      connectError: () => resolve(false),
    },
  }).catch(() => resolve(false));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}
