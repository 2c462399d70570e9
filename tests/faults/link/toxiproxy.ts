import { sparePort } from '@demeter/common/spare-port';
import type { Subprocess } from 'bun';
import { boundToParent, endProcess, waitUntil } from '../../run/commands.ts';
import { toxiproxyBinary } from '../../run/servers/toxiproxy.ts';

/** What slows or harms a link; names and attributes are Toxiproxy's. */
export interface Toxic {
  readonly type: 'latency' | 'bandwidth' | 'timeout' | 'reset_peer' | 'slicer';
  readonly stream: 'upstream' | 'downstream';
  readonly attributes: Readonly<Record<string, number>>;
}

/** A Toxiproxy of one's own. */
export class Toxiproxy {
  private constructor(
    private readonly child: Subprocess,
    private readonly api: string,
  ) {}

  /** Throws where the program can neither be found nor built. */
  static async start(): Promise<Toxiproxy> {
    const path = process.env.DEMETER_TEST_TOXIPROXY ?? (await toxiproxyBinary());
    const port = sparePort();
    const command = [path, '-host', '127.0.0.1', '-port', String(port)];
    const child = Bun.spawn(boundToParent(command, 'TERM'), {
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: 'ignore',
      env: { PATH: process.env.PATH, LOG_LEVEL: 'error' },
    });
    const api = `http://127.0.0.1:${port}`;
    await waitUntil('Toxiproxy', child, async () => (await fetch(`${api}/version`)).ok);
    return new Toxiproxy(child, api);
  }

  /** `host`: the address of this machine on which the link begins. */
  async link(name: string, target: string, host: string): Promise<ToxicLink> {
    const { hostname, port } = new URL(target);
    const body = { name, listen: `${host}:0`, upstream: `${hostname}:${port}`, enabled: true };
    const { listen } = await this.ask<{ listen: string }>('POST', '/proxies', body);
    return new ToxicLink(this, name, listen);
  }

  async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(`${this.api}${path}`, { method, ...init });
    if (!answer.ok) throw new Error(`Toxiproxy, ${method} ${path}: ${await answer.text()}`);
    return (answer.status === 204 ? undefined : await answer.json()) as T;
  }

  async stop(): Promise<void> {
    await endProcess(this.child, 'SIGTERM');
  }
}

/** One of its proxies. */
export class ToxicLink {
  #toxics: string[] = [];

  constructor(
    private readonly proxy: Toxiproxy,
    private readonly name: string,
    /** "host:port". */
    private readonly address: string,
  ) {}

  get url(): string {
    return `http://${this.address}`;
  }

  /** Down: connections end, and new ones are refused. */
  async setUp(enabled: boolean): Promise<void> {
    const listen = this.address;
    await this.proxy.ask('POST', `/proxies/${this.name}`, { enabled, listen });
  }

  /** Takes these in place of those before. */
  async setToxics(toxics: readonly Toxic[]): Promise<void> {
    for (const name of this.#toxics) {
      await this.proxy.ask('DELETE', `/proxies/${this.name}/toxics/${name}`);
    }
    this.#toxics = [];
    for (const [index, toxic] of toxics.entries()) {
      const name = `${toxic.type}-${index}`;
      await this.proxy.ask('POST', `/proxies/${this.name}/toxics`, { name, toxicity: 1, ...toxic });
      this.#toxics.push(name);
    }
  }
}
