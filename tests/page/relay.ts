import type { Socket } from 'bun';

/** A line between browser and core that can be cut. */
export interface Relay {
  readonly url: string;
  /** Ends every connection and refuses new ones until `mend`. */
  cut(): void;
  mend(): void;
  stop(): void;
}

interface Pair {
  other?: Socket<Pair> | undefined;
  /** Bytes that came before the other side was there. */
  early: Buffer[];
}

export function startRelay(target: string): Relay {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket<Pair>>();
  let isCut = false;
  const close = (socket: Socket<Pair>) => {
    open.delete(socket);
    socket.data.other?.end();
  };
  const pass = (socket: Socket<Pair>, bytes: Buffer) => {
    const { other, early } = socket.data;
    if (other) other.write(bytes);
    else early.push(Buffer.from(bytes));
  };
  const listener = Bun.listen<Pair>({
    hostname: '127.0.0.1',
    port: 0,
    socket: {
      open: (socket) => {
        socket.data = { early: [] };
        open.add(socket);
        if (isCut) return void socket.terminate();
        void connect(socket);
      },
      data: pass,
      close,
    },
  });
  const connect = async (socket: Socket<Pair>) => {
    const other = await Bun.connect<Pair>({
      hostname,
      port: Number(port),
      data: { other: socket, early: [] },
      socket: { data: pass, close },
    });
    open.add(other);
    for (const bytes of socket.data.early.splice(0)) other.write(bytes);
    socket.data.other = other;
  };
  return {
    url: `http://127.0.0.1:${listener.port}`,
    cut: () => {
      isCut = true;
      for (const socket of open) socket.terminate();
    },
    mend: () => {
      isCut = false;
    },
    stop: () => listener.stop(true),
  };
}
