import type { RealServers } from '../../system/environment.ts';
import type { EdgeBox } from '../edge/box.ts';
import { EdgeSystem } from '../edge/edge-system.ts';
import type { CaseOn } from '../fault-case.ts';
import { Meddler, type Meddling } from './meddler.ts';
import { type Toxic, type ToxicLink, Toxiproxy } from './toxiproxy.ts';

export type LinkCase = CaseOn<LinkSystem>;

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
  ) {
    super(servers, { S3_PUBLIC_ENDPOINT: store.meddler.url });
  }

  static async start(servers: RealServers): Promise<LinkSystem> {
    const toxiproxy = await Toxiproxy.start();
    const store = await line(toxiproxy, 'store', servers.s3.endpoint);
    const system = new LinkSystem(servers, store, toxiproxy);
    await system.open();
    system.#core = await line(toxiproxy, 'core', system.coreUrl);
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

async function line(toxiproxy: Toxiproxy, name: string, target: string): Promise<Line> {
  const toxic = await toxiproxy.link(name, target);
  return { meddler: await Meddler.listen(toxic.url), toxic };
}
