import sharp from 'sharp';
import { Centre } from '../system/centre.ts';
import type { RealServers } from '../system/environment.ts';
import { drawPhoto } from '../system/photos.ts';
import { stamp } from '../system/pictures.ts';

export type ServerName = 'server-1' | 'server-2';
const SERVERS: readonly ServerName[] = ['server-1', 'server-2'];

/** A core with two inference servers and photos that are counted already; no edge. */
export class RecountSystem extends Centre<ServerName> {
  constructor(servers: RealServers) {
    super(servers);
    for (const name of SERVERS) {
      const entry = 'inference/src/main.ts';
      this.programs.set(name, { entry, env: this.inferenceEnvironment() });
    }
  }

  /** host:port */
  get grpcAddress(): string {
    return String(this.ready('core').grpc);
  }

  async start(): Promise<void> {
    await this.open();
    await Promise.all(SERVERS.map((name) => this.launch(name)));
    await this.untilReady(SERVERS.length);
  }

  async token(role: string): Promise<string> {
    return (await this.admin<{ token: string }>('token', '--role', role)).token;
  }

  /** Answers the photo's hash. */
  async upload(photo: Uint8Array, place: string | undefined): Promise<string> {
    const query = place === undefined ? '' : `?location_code=${encodeURIComponent(place)}`;
    const { photo_id } = await this.ask<{ photo_id: string }>(`/photos${query}`, {
      method: 'POST',
      headers: { 'content-type': 'image/jpeg' },
      body: new Uint8Array(photo),
    });
    return photo_id;
  }
}

/** So many of the small photos differ in what they show. */
export const PICTURES = 8;

/** Small photos, none twice. */
export async function smallPhotos(count: number): Promise<readonly Uint8Array[]> {
  const drawn = await Promise.all(
    Array.from({ length: PICTURES }, async (_, index) =>
      sharp(await drawPhoto(index))
        .resize(320, 240)
        .jpeg({ quality: 85 })
        .toBuffer(),
    ),
  );
  return Array.from({ length: count }, (_, index) =>
    stamp(drawn[index % PICTURES]!, `photo ${index}`),
  );
}
