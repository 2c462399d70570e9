import type { paths } from './schema.gen.ts';

/** The JSON of a good answer of GET `Path`. */
type Answer<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { content: { 'application/json': infer Body } } } };
}
  ? Plain<Body>
  : never;

/** As openapi-fetch answers it: a tuple of the document is an array. */
type Plain<T> = T extends readonly (infer Item)[]
  ? Plain<Item>[]
  : T extends object
    ? { [Key in keyof T]: Plain<T[Key]> }
    : T;

export type Me = Answer<'/api/v1/auth/me'>;
export type Photo = Answer<'/api/v1/photos/{photo_id}'>;
export type Detections = Answer<'/api/v1/photos/{photo_id}/detections'>;
export type Warehouse = Answer<'/api/v1/map'>['warehouses'][number];
export type Area = Warehouse['areas'][number];
export type Location = Area['locations'][number];
export type Batch = Answer<'/api/v1/stock/batches'>['items'][number];
export type Movement = Answer<'/api/v1/stock/movements'>['items'][number];
export type Proposal = Answer<'/api/v1/stock/proposals'>['items'][number];
export type Product = Answer<'/api/v1/products'>['items'][number];
export type Mesh = Answer<'/api/v1/system/mesh'>;
export type Server = Mesh['servers'][number];
export type Box = Answer<'/api/v1/edges'>['items'][number];
export type Rollout = Answer<'/api/v1/rollouts'>['rollouts'][number];

/** Data of an SSE `photo` event. */
export interface PhotoEvent {
  readonly photo_id: string;
  readonly session_state: string;
}
