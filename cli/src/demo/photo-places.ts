import type { KnownPlace } from '../samples/render.ts';
import type { CoreClient, GeoPolygon } from '../system/core-client.ts';
import type { System } from '../system/start-system.ts';

interface MapAnswer {
  readonly warehouses: readonly {
    readonly areas: readonly {
      readonly locations: readonly { readonly code: string; readonly polygon: GeoPolygon }[];
    }[];
  }[];
}

/** The nursery's places, each with a point inside it, for samples to name. */
export async function readKnownPlaces(core: CoreClient): Promise<KnownPlace[]> {
  const { warehouses } = await core.get<MapAnswer>('/map');
  const locations = warehouses.flatMap(({ areas }) => areas.flatMap((area) => area.locations));
  return locations.map(({ code, polygon }) => {
    // The first point is repeated at the end of a ring.
    const ring = polygon.coordinates[0]!.slice(0, -1);
    const mean = (axis: 0 | 1) => ring.reduce((sum, point) => sum + point[axis], 0) / ring.length;
    return { code, longitude: mean(0), latitude: mean(1) };
  });
}

/** Makes places of their own for photos, one at a time, where they are not there yet. */
export class OwnPlaces {
  #last: Promise<unknown> = Promise.resolve();

  constructor(private readonly system: System) {}

  async put(photoId: string, place: { readonly code: string; readonly name: string }) {
    const { admin, core } = this.system;
    const added = this.#last.then(() => admin('place', 'add', place.code, '--name', place.name));
    this.#last = added.catch(() => {});
    await added;
    await core.put(`/photos/${photoId}/location`, { location_code: place.code });
  }
}
