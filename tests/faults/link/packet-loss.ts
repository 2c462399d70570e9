import { LeftOut } from '../fault-case.ts';

const TABLE = 'demeter_faults';
/** As of an Ethernet: without it the loopback device makes a photo one packet. */
const MTU_BYTES = 1_500;

/**
 * Packets to and from an address of the loopback network that are lost: by nftables, each with the
 * same chance, on their way in. It ends when it is disposed of; what a killed program leaves behind
 * touches its own address alone.
 */
export class PacketLoss implements Disposable {
  readonly #table: string;

  private constructor(private readonly address: string) {
    this.#table = `${TABLE}_${address.replaceAll('.', '_')}`;
  }

  /** Throws LeftOut where this machine cannot lose packets. */
  static on(address: string, percent: number): PacketLoss {
    if (process.getuid?.() !== 0) throw new LeftOut('losing packets needs root');
    if (Bun.which('nft') === null) throw new LeftOut('nft (nftables) is not installed');
    const loss = new PacketLoss(address);
    const drop = `numgen random mod 100 < ${percent} counter drop`;
    run(
      'ip',
      'route',
      'add',
      'local',
      address,
      'dev',
      'lo',
      'mtu',
      String(MTU_BYTES),
      'src',
      '127.0.0.1',
    );
    run(
      'nft',
      `add table ip ${loss.#table}
      add chain ip ${loss.#table} lossy { type filter hook input priority 0; }
      add rule ip ${loss.#table} lossy ip daddr ${address} ${drop}
      add rule ip ${loss.#table} lossy ip saddr ${address} ${drop}`,
    );
    return loss;
  }

  /** How many were lost. */
  get packets(): number {
    const { stdout } = Bun.spawnSync(['nft', 'list', 'table', 'ip', this.#table]);
    const counts = [...stdout.toString().matchAll(/counter packets (\d+)/g)];
    return counts.reduce((sum, [, count]) => sum + Number(count), 0);
  }

  [Symbol.dispose](): void {
    Bun.spawnSync(['nft', 'delete', 'table', 'ip', this.#table]);
    Bun.spawnSync(['ip', 'route', 'del', 'local', this.address, 'dev', 'lo']);
  }
}

function run(...command: string[]): void {
  const { success, stderr } = Bun.spawnSync(command);
  if (!success) throw new LeftOut(`${command[0]}: ${stderr}`);
}
