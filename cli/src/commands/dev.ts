import type { Command } from 'commander';
import { DEFAULT_DATA } from '../demo/data-folder.ts';
import { startSystem } from '../system/start-system.ts';
import { stopSignal } from './demo.ts';

export function addDev(program: Command): void {
  program
    .command('dev')
    .description('the system with reload: on the servers that .env names, else on embedded ones')
    .option('--data <dir>', 'folder that keeps everything', DEFAULT_DATA)
    .action(async ({ data }: { data: string }) => {
      const signal = stopSignal();
      const system = await startSystem({
        data,
        env: { ...process.env, ORT_DISABLE_TELEMETRY: '1' },
        servers: Number(process.env.DEMETER_INFERENCE_COUNT || 1),
        models: [],
        reload: true,
        say: (line) => console.error(line),
        signal,
      });
      try {
        const { url } = await system.core.post<{ url: string }>('/auth/sign-in-links', {});
        console.error(`core ${system.addresses.core}, edge ${system.addresses.edge}`);
        console.error(`the page: ${url}`);
        const stopped = new Promise<void>((resolve) =>
          signal.addEventListener('abort', () => resolve()),
        );
        await Promise.race([stopped, system.broken]);
      } finally {
        await system.stop();
      }
    });
}
