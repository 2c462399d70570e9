/** For health checks of containers: `bun deploy/healthy.ts URL` ends with 0 where it answers 2xx. */
const response = await fetch(process.argv[2] ?? '', { signal: AbortSignal.timeout(4_000) });
process.exitCode = response.ok ? 0 : 1;
