/**
 * What an inference process and the program that starts it say to each other: arguments one way,
 * lines of JSON on stdout the other, and stdin, which ends with the parent.
 */
import { createInterface } from 'node:readline';
import type { Lifecycle } from '@demeter/common/lifecycle';
import type { RunningService, ServiceOptions } from './service.ts';

/** Stop when stdin ends: the kernel closes the pipe when the parent dies, however it dies. */
export const STOP_WITH_PARENT = '--stop-with-parent';
/** `--restarts=N`: lives of the slot before this one. */
export const RESTARTS = '--restarts';
/** Load the models, say that they are warm, and wait for TAKE_OVER before taking the address. */
export const RELIEVE = '--relieve';
/** The line on stdin that says that the address is free. */
export const TAKE_OVER = 'take over';

/** A line of a server that relieves another: its models are ready, or why they are not. */
interface WarmLine {
  readonly warm: boolean;
  readonly reason: string;
}
type ReadyLine = Partial<RunningService> & { readonly ready: boolean };

/** Does what the arguments of this process ask for. `say` prints a line on stdout. */
export function followParent(
  lifecycle: Lifecycle,
  say: (line: WarmLine) => void = () => {},
): Pick<ServiceOptions, 'restarts' | 'relieve'> {
  const has = (flag: string) => process.argv.includes(flag);
  const takeOver = Promise.withResolvers<void>();
  if (has(STOP_WITH_PARENT)) {
    const lines = createInterface({ input: process.stdin });
    lines.on('line', (line) => line === TAKE_OVER && takeOver.resolve());
    lines.on('close', () => void lifecycle.stop('parent gone'));
  }
  const restarts = process.argv.find((arg) => arg.startsWith(`${RESTARTS}=`));
  const relieve: ServiceOptions['relieve'] = ({ ready, reason }) => {
    say({ warm: ready, reason });
    return takeOver.promise;
  };
  return {
    restarts: Number(restarts?.slice(RESTARTS.length + 1) ?? 0),
    ...(has(RELIEVE) ? { relieve } : {}),
  };
}

/** Null for what a library printed. */
export function parseServerLine(text: string): WarmLine | ReadyLine | null {
  try {
    const line = JSON.parse(text) as Partial<WarmLine & ReadyLine> | null;
    if (typeof line?.warm === 'boolean') return { warm: line.warm, reason: line.reason ?? '' };
    return typeof line?.ready === 'boolean' ? (line as ReadyLine) : null;
  } catch {
    return null;
  }
}
