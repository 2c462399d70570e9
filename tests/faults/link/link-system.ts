import { randomBytes } from 'node:crypto';
import type { RealServers } from '../../system/environment.ts';
import type { EdgeBox } from '../edge/box.ts';
import { EdgeSystem } from '../edge/edge-system.ts';
import type { CaseOn } from '../fault-case.ts';
import { Meddler, type Meddling } from './meddler.ts';
import { type Toxic, type ToxicLink, Toxiproxy } from './toxiproxy.ts';

export type LinkCase = CaseOn<LinkSystem>;

/** An EdgeSystem may run beside it. */
const REDIS_DATABASE = 2;

/** From an edge through somebody's hands and Toxiproxy to one of the centre's servers. */
export interface Line {
  readonly meddler: Meddler;
  readonly toxic: ToxicLink;
}

/** A centre whose core and object store edges reach only over lines that can be harmed. */
export class LinkSystem extends EdgeSystem {
  #core: Line | undefined;

  private constructor(
    servers: RealServers,
    readonly store: Line,
    private readonly toxiproxy: Toxiproxy,
    /** Of the loopback network, and used by this system's lines alone. */
    readonly address: string,
  ) {
    super(servers, { S3_PUBLIC_ENDPOINT: store.meddler.url }, REDIS_DATABASE);
  }

  static async start(servers: RealServers): Promise<LinkSystem> {
    const toxiproxy = await Toxiproxy.start();
    const address = ownAddress();
    const store = await line(toxiproxy, 'store', servers.s3.endpoint, address);
    const system = new LinkSystem(servers, store, toxiproxy, address);
    await system.open();
    system.#core = await line(toxiproxy, 'core', system.coreUrl, address);
    return system;
  }

  get core(): Line {
    return this.#core!;
  }

  /** An edge at the far end of the lines. */
  async farBox(name: string, settings: Readonly<Record<string, string>> = {}): Promise<EdgeBox> {
    const url = this.core.meddler.url;
    return await this.box(name, { settings: { DEMETER_EDGE_CORE_URL: url, ...settings } });
  }

  async setUp(enabled: boolean): Promise<void> {
    for (const { toxic } of [this.core, this.store]) await toxic.setUp(enabled);
  }

  async setToxics(toxics: readonly Toxic[]): Promise<void> {
    for (const { toxic } of [this.core, this.store]) await toxic.setToxics(toxics);
  }

  meddle(meddling: Meddling): void {
    for (const { meddler } of [this.core, this.store]) meddler.set(meddling);
  }

  /** As if nothing had been. */
  async mend(): Promise<void> {
    this.meddle({ kind: 'pass' });
    await this.setToxics([]);
    await this.setUp(true);
  }

  override async stop(keepLogs = false): Promise<void> {
    for (const { meddler } of [this.core, this.store]) meddler.stop();
    await super.stop(keepLogs);
    await this.toxiproxy.stop();
  }
}

/** All of 127.0.0.0/8 is this machine's on Linux, elsewhere one address. */
function ownAddress(): string {
  if (process.platform !== 'linux') return '127.0.0.1';
  return `127.${[...randomBytes(3)].map((byte) => 1 + (byte % 250)).join('.')}`;
}

async function line(
  toxiproxy: Toxiproxy,
  name: string,
  target: string,
  address: string,
): Promise<Line> {
  const toxic = await toxiproxy.link(name, target, address);
  return { meddler: await Meddler.listen(toxic.url), toxic };
}
