import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../system/program.ts';

export interface Said {
  readonly code: number;
  /** One object a line of its stdout. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
}

/** tests/python/reprocess_client.py, with code generated from our own `.proto` files. */
export class PythonClient {
  private constructor(
    private readonly python: string,
    private readonly generated: string,
    private readonly core: { readonly grpcAddress: string; readonly adminToken: string },
  ) {}

  static async create(
    python: string,
    folder: string,
    core: { readonly grpcAddress: string; readonly adminToken: string },
  ): Promise<PythonClient> {
    const generated = join(folder, 'generated');
    mkdirSync(generated, { recursive: true });
    const proto = join(ROOT, 'proto');
    const files = readdirSync(join(proto, 'demeter/v1')).map((name) => `demeter/v1/${name}`);
    const out = [`--python_out=${generated}`, `--grpc_python_out=${generated}`];
    const child = Bun.spawn([python, '-m', 'grpc_tools.protoc', `-I${proto}`, ...out, ...files], {
      stdin: 'ignore',
      stdout: 'inherit',
      stderr: 'inherit',
    });
    if ((await child.exited) !== 0) throw new Error('Python takes our .proto files not');
    return new PythonClient(python, generated, core);
  }

  /** Starts a verb; it may be killed. */
  spawn(words: readonly string[], token = this.core.adminToken) {
    return this.spawnFile(join(ROOT, 'tests/python/reprocess_client.py'), words, token);
  }

  /** Starts another program beside the generated code. */
  spawnFile(file: string, words: readonly string[], token = this.core.adminToken) {
    const { PATH = '', HOME = '' } = process.env;
    return Bun.spawn([this.python, file, ...words], {
      env: {
        ...{ PATH, HOME, PYTHONPATH: this.generated, PYTHONUNBUFFERED: '1' },
        ...{ DEMETER_CLIENT_CORE: this.core.grpcAddress, DEMETER_CLIENT_TOKEN: token },
      },
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'inherit',
    });
  }

  async run(words: readonly string[], token?: string): Promise<Said> {
    const child = this.spawn(words, token);
    const [stdout, code] = await Promise.all([new Response(child.stdout).text(), child.exited]);
    const lines = stdout.split('\n').filter(Boolean);
    return { code, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
  }

  /** The last line of a verb that must succeed. */
  async ask<T>(...words: string[]): Promise<T> {
    const { code, lines } = await this.run(words);
    if (code !== 0) throw new Error(`${words.join(' ')}: ${JSON.stringify(lines.at(-1))}`);
    return lines.at(-1) as T;
  }
}

/** The first block of Python in a document. */
export function pythonOf(document: string): string {
  const text = readFileSync(join(ROOT, document), 'utf8');
  const block = /```python\n([\s\S]*?)```/.exec(text)?.[1];
  if (block === undefined) throw new Error(`${document} shows no Python`);
  return block;
}
