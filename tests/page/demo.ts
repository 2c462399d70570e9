import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startChild } from '@demeter/common/child-process';
import { runProgram } from '../system/program.ts';

const ROOT = resolve(import.meta.dir, '../..');

export interface CorePhoto {
  readonly photo_id: string;
  readonly file_name: string | null;
  readonly session: { readonly state: string; readonly detected: number | null };
  readonly location: { readonly id: string } | null;
  readonly batch: { readonly id: string; readonly code: string } | null;
  readonly run: {
    readonly pipeline: { readonly version: string };
    readonly rollout: string | null;
  } | null;
}

/** The whole system as `demo` starts it, on a data folder of its own. */
export interface Demo {
  readonly core: string;
  /** GET below /api/v1 as the administrator. */
  read<T>(path: string): Promise<T>;
  /** A change below /api/v1 as the administrator. */
  write<T>(method: 'POST' | 'PUT', path: string, body: unknown): Promise<T>;
  signInLink(): Promise<string>;
  /** Runs `demeter …` beside it. Throws with what it said. */
  demeter(...args: readonly string[]): Promise<unknown>;
  /** A file for its use, removed with it. */
  file(name: string, text: string): string;
  /** The photo of this file once its count stands. */
  counted(file: string): Promise<CorePhoto>;
  stop(): Promise<void>;
}

export async function startDemo(): Promise<Demo> {
  const data = mkdtempSync(join(tmpdir(), 'demeter-page-'));
  const child = await startChild({
    name: 'demo',
    entry: 'cli/src/main.ts',
    args: ['demo', '--json', '--data', data],
    cwd: ROOT,
    env: plainEnvironment(),
  });
  const { addresses, tokens } = child.ready as unknown as ReadyLine;
  const ask = async <T>(path: string, init: RequestInit = {}): Promise<T> => {
    const headers = { authorization: `Bearer ${tokens.admin}`, 'content-type': 'application/json' };
    const response = await fetch(`${addresses.core}/api/v1${path}`, { ...init, headers });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  const write = <T>(method: string, path: string, body: unknown) =>
    ask<T>(path, { method, body: JSON.stringify(body) });
  return {
    core: addresses.core,
    read: (path) => ask(path),
    write,
    signInLink: async () => (await write<{ url: string }>('POST', '/auth/sign-in-links', {})).url,
    demeter: async (...args) => {
      const words = [...args, '--data', data, '--json'];
      const ended = await runProgram('cli/src/main.ts', words, plainEnvironment());
      if (ended.code === 0) return JSON.parse(ended.stdout);
      throw new Error(`${args.join(' ')}: ${ended.stdout}${ended.stderr}`);
    },
    file: (name, text) => {
      writeFileSync(join(data, name), text);
      return join(data, name);
    },
    counted: (file) =>
      eventually(`the count of ${file}`, async () => {
        const { items } = await ask<{ items: CorePhoto[] }>('/photos');
        return items.find((photo) => photo.file_name === file && photo.session.detected !== null);
      }),
    stop: async () => {
      await child.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** What `look` answers as soon as it is something; throws after 240 s. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
): Promise<T> {
  const end = Date.now() + 240_000;
  while (Date.now() < end) {
    const found = await look();
    if (found) return found;
    await Bun.sleep(250);
  }
  throw new Error(`not seen in 240 s: ${what}`);
}

/** What `demo --json` says when everything is up. */
interface ReadyLine {
  readonly addresses: { readonly core: string };
  readonly tokens: { readonly admin: string };
}

/** Programs refuse settings that they do not know, and those of tests are such. */
function plainEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).filter(
    (entry): entry is [string, string] => !entry[0].startsWith('DEMETER_') && !!entry[1],
  );
  return Object.fromEntries(entries);
}
