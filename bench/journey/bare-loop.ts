import { join } from 'node:path';

/** The bare loop in its process; idle but while it measures. */
export interface BareLoop {
  readonly pid: number;
  /** Tiles per second over `tiles` runs. */
  rate(tiles: number): Promise<number>;
  stop(): Promise<void>;
}

export async function startBareLoop(options: {
  readonly model: string;
  readonly photo: string;
  readonly threads: number;
}): Promise<BareLoop> {
  const entry = join(import.meta.dir, 'bare-loop-main.ts');
  const child = Bun.spawn(
    [process.execPath, '--no-orphans', entry, options.model, options.photo, `${options.threads}`],
    { stdin: 'pipe', stdout: 'pipe', stderr: 'ignore', env: { ORT_DISABLE_TELEMETRY: '1' } },
  );
  const output = child.stdout.getReader();
  const readLine = async () => {
    const { value } = await output.read();
    return new TextDecoder().decode(value).trim();
  };
  await readLine();
  return {
    pid: child.pid,
    rate: async (tiles) => {
      child.stdin.write(`${tiles}\n`);
      child.stdin.flush();
      return (1000 * tiles) / Number(await readLine());
    },
    stop: async () => {
      child.kill();
      await child.exited;
    },
  };
}
