import path from 'node:path';
import type { Values } from '@demeter/common/config';
import { DirectoryObjectStore } from '@demeter/common/object-store/directory';
import type { ObjectStore } from '@demeter/common/object-store/object-store';
import { S3ObjectStore } from '@demeter/common/object-store/s3';

export interface Stores {
  readonly originals: ObjectStore;
  readonly derived: ObjectStore;
}

/** Two buckets of the S3 server, or two folders where none is configured. */
export function createStores(values: Values): Stores {
  return {
    originals: createStore(values, values.S3_BUCKET_ORIGINAL),
    derived: createStore(values, values.S3_BUCKET_VISUALIZATION),
  };
}

function createStore(values: Values, bucket: string): ObjectStore {
  if (!values.S3_ENDPOINT) {
    return new DirectoryObjectStore(path.resolve(values.DEMETER_STORE_DIR, bucket));
  }
  return new S3ObjectStore({
    endpoint: values.S3_ENDPOINT,
    bucket,
    accessKey: values.AWS_ACCESS_KEY_ID ?? '',
    secretKey: values.AWS_SECRET_ACCESS_KEY ?? '',
    region: values.AWS_REGION,
    ...(values.S3_PUBLIC_ENDPOINT ? { publicEndpoint: values.S3_PUBLIC_ENDPOINT } : {}),
  });
}
