import type { Transport } from '../forward/transport.ts';
import { type Answer, CENTRE_URL, type Centre } from './centre.ts';
import type { Life } from './life.ts';
import type { World } from './world.ts';

/** What lies between the box and the centre, and what it does to what is sent. */
export type Weather =
  | 'fair'
  /** Nothing listens: every request is refused at once. */
  | 'cut'
  /** Requests go out and nothing comes back, ever. */
  | 'hole'
  /** Slow: up to minutes for a request. */
  | 'slow'
  /** Requests and answers get lost, cut short, spoilt, repeated and repeated late. */
  | 'lossy'
  /** Up and down every few seconds. */
  | 'flapping'
  /** Somebody's login page answers everything, with 200. */
  | 'portal';

const DELAY_MS = { fair: 200, slow: 45_000 } as const;
const FLAP_MS = 5_000;
/** A life is shorter. */
const FOREVER_MS = 365 * 86_400_000;

export class Network {
  weather: Weather = 'fair';
  /** A portal has answered what the box said of a photo with 200. */
  onBelieved: (sha256: string) => void = () => {};

  constructor(
    private readonly world: World,
    private readonly centre: Centre,
  ) {}

  transportOf(life: Life): Transport {
    return {
      fetch: async (url, init) => {
        const answer = await this.#exchange(life, init.signal ?? null, () => this.#ask(url, init));
        const { status, body, headers } = answer;
        if (init.method === 'POST' && status === 200 && this.weather === 'portal') {
          const { sha256 } = JSON.parse(String(init.body)) as { sha256?: string };
          if (sha256) this.onBelieved(sha256);
        }
        const { now, beganAt } = this.world;
        const told = { date: new Date(beganAt + now).toUTCString(), ...headers };
        if (typeof body === 'string') return new Response(body, { status, headers: told });
        return Response.json(body, { status, headers: told });
      },
      upload: async ({ url, body, signal }) => {
        const sent = Buffer.concat(await Array.fromAsync(body));
        const sha256 = url.pathname.slice('/inbox/'.length);
        const {
          status,
          headers,
          body: answered,
        } = await this.#exchange(life, signal, () => this.centre.put(sha256, this.#carried(sent)));
        return {
          status,
          contentType: headers?.['content-type'] ?? 'application/xml',
          text: String(answered),
        };
      },
    };
  }

  #ask(url: string, init: RequestInit): Answer {
    const path = url.slice(`${CENTRE_URL}/api/v1/`.length);
    const asked = init.method === 'POST' ? JSON.parse(String(init.body)) : {};
    if (path === 'keys') return this.centre.keys();
    if (path === 'edge/grants') return this.centre.grant(asked);
    if (path === 'edge/photos') return this.centre.register(asked);
    if (path === 'edge/stand-ins') return this.centre.standIn(asked);
    const sha256 = /^edge\/photos\/([0-9a-f]{64})$/.exec(path)?.[1];
    if (sha256) return this.centre.stateOf(sha256);
    return this.centre.compare(path.slice('edge/reconcile/'.length), asked);
  }

  /** Bytes on the way through a bad link may change. */
  #carried(bytes: Buffer): Buffer {
    const { random } = this.world;
    if (this.weather !== 'lossy' || !random.chance(0.1)) return bytes;
    const spoilt = Buffer.from(bytes);
    const at = random.integer(0, bytes.length - 1);
    spoilt[at] = (spoilt[at] as number) ^ 1;
    return spoilt;
  }

  async #exchange(life: Life, signal: AbortSignal | null, act: () => Answer): Promise<Answer> {
    const { random } = this.world;
    life.step('request');
    const flapped = this.weather === 'flapping' && Math.floor(this.world.now / FLAP_MS) % 2 === 0;
    const weather = flapped ? 'cut' : this.weather;
    const lossy = weather === 'lossy';
    await life.wait(random.next() * (weather === 'slow' ? DELAY_MS.slow : DELAY_MS.fair), signal);
    if (weather === 'portal') return random.pick(PORTALS);
    if (weather === 'cut' || (lossy && random.chance(0.3))) throw broken('ECONNREFUSED');
    if (weather === 'hole') {
      // Who waits like this is not "under way": only the box's own patience ends it.
      await life.wait(FOREVER_MS, signal, 'box');
      throw broken('ETIMEDOUT');
    }
    const answer = act();
    if (lossy && random.chance(0.2)) act();
    if (lossy && random.chance(0.1))
      this.world.after(random.spread(1_000, 3_600_000), 'world', act);
    await life.wait(random.next() * DELAY_MS.fair, signal);
    if (lossy && random.chance(0.3)) throw broken('ECONNRESET');
    life.step('answer');
    return answer;
  }
}

const html = { 'content-type': 'text/html' };
const PORTALS: readonly Answer[] = [
  {
    status: 200,
    body: '<html><body>Welcome! Please accept our terms.</body></html>',
    headers: html,
  },
  { status: 302, body: '', headers: { location: 'http://login.test/' } },
  { status: 200, body: { ok: true } },
  { status: 200, body: '' },
];

function broken(code: string): Error {
  return Object.assign(new Error(code), { code });
}
