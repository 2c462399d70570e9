/** A program that answers each line of JSON on its stdin with one on its stdout. */
export interface LineProcess {
  readonly pid: number;
  /** Throws when the program ends instead, with the end of what it printed on stderr. */
  ask<T>(request: object): Promise<T>;
  stop(): Promise<void>;
}

/**
 * Starts it and waits for its first line, which says that it is ready. It gets this process's
 * environment without what only tests and benchmarks know: Demeter refuses settings that are none.
 */
export async function startLines(
  command: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<LineProcess> {
  const ordinary = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('DEMETER_TEST_')),
  );
  const child = Bun.spawn([...command], {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    env: { ...ordinary, ORT_DISABLE_TELEMETRY: '1', ...env },
  });
  const errors = new Response(child.stderr).text();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const next = async <T>(): Promise<T> => {
    for (;;) {
      const end = text.indexOf('\n');
      const line = text.slice(0, end + 1).trim();
      text = text.slice(end + 1);
      // Libraries print too.
      if (line.startsWith('{')) return JSON.parse(line) as T;
      if (end >= 0) continue;
      const { done, value } = await lines.read();
      if (done) throw new Error(`${command.join(' ')} ended: ${(await errors).slice(-2_000)}`);
      text += value;
    }
  };
  await next();
  return {
    pid: child.pid,
    ask: (request) => {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      child.stdin.flush();
      return next();
    },
    stop: async () => {
      child.kill();
      await child.exited;
    },
  };
}
