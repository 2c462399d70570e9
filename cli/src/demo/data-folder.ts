import { join } from 'node:path';

export const DEFAULT_DATA = '.demeter';

export interface DataFolderOptions {
  readonly data?: string;
  readonly model?: string;
  readonly tiling?: string;
}

/**
 * Where a demo keeps what it stores. A photo is counted once per pipeline, when it first arrives, so
 * another model or tiling has a folder of its own unless one is named: its counts are its own.
 */
export function dataFolderOf({ data, model, tiling }: DataFolderOptions): string {
  if (data !== undefined) return data;
  if (model === undefined && tiling === undefined) return DEFAULT_DATA;
  const name = [model ?? 'plants', tiling].filter((word) => word !== undefined).join('-');
  return join(DEFAULT_DATA, 'with', name.replaceAll(/[^\w.-]+/g, '-'));
}
