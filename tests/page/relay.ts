import { connect, createServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';

/** A line between browser and server that can be cut. */
export interface Relay {
  readonly url: string;
  /** Lets so many more bytes pass from the browser; resolves when they have, and no more do. */
  holdAfter(bytes: number): Promise<void>;
  /** Ends every connection and refuses new ones until `mend`. */
  cut(): void;
  /** Lets everything pass again. */
  mend(): void;
  stop(): void;
}

export async function startRelay(target: string): Promise<Relay> {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  let isCut = false;
  let left = Number.POSITIVE_INFINITY;
  let held = Promise.withResolvers<void>();
  /** What is held back is never passed on: its connection is cut, or ends with the relay. */
  const counted = () =>
    new Transform({
      transform(bytes: Buffer, _encoding, done) {
        const passed = bytes.subarray(0, Math.min(bytes.length, left));
        left -= passed.length;
        this.push(passed);
        if (passed.length === bytes.length) done();
        else held.resolve();
      },
    });
  const listener = createServer((near) => {
    if (isCut) return void near.destroy();
    const far = connect(Number(port), hostname);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => open.delete(socket));
    }
    near.pipe(counted()).pipe(far);
    far.pipe(near);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  listener.listen(0, '127.0.0.1', resolve);
  await promise;
  const address = listener.address() as { readonly port: number };
  const end = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${address.port}`,
    holdAfter: async (bytes) => {
      left = bytes;
      held = Promise.withResolvers();
      await held.promise;
    },
    cut: () => {
      isCut = true;
      end();
    },
    mend: () => {
      isCut = false;
      left = Number.POSITIVE_INFINITY;
    },
    stop: () => {
      listener.close();
      end();
    },
  };
}
