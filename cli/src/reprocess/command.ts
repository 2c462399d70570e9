import type { Command } from 'commander';
import type { BulkClient } from './bulk-client.ts';
import { addConnectionOptions, type ConnectionOptions, connect } from './connection.ts';
import { toCoreError } from './core-error.ts';
import { EXIT, type Exit, Report } from './report.ts';

export interface Call<Words> {
  readonly client: BulkClient;
  readonly report: Report;
  readonly args: readonly string[];
  readonly words: Words;
}

/**
 * Makes `command` one that talks to the core: connected before `act`, ended with its code, errors
 * said with their code and hint. `stop` is asked for once the command runs.
 */
export function talking<Words>(
  command: Command,
  stop: () => AbortSignal,
  act: (call: Call<Words>) => Promise<Exit>,
): void {
  addConnectionOptions(command).action(async () => {
    const words = command.opts<Words & ConnectionOptions>();
    const report = new Report(words.json);
    const signal = stop();
    let client: BulkClient | undefined;
    try {
      client = await connect(words, { signal, say: (line) => report.say(line) });
      process.exitCode = await act({ client, report, args: command.args, words });
    } catch (error) {
      const { code, message, hint } = toCoreError(error);
      if (signal.aborted) process.exitCode = EXIT.stopped;
      else process.exitCode = code === 'CORE_AWAY' ? EXIT.away : EXIT.failed;
      if (report.json) report.line('error', { code, message, hint }, '');
      else report.say(`${code}: ${message} ${hint}`.trimEnd());
    } finally {
      client?.close();
    }
  });
}
