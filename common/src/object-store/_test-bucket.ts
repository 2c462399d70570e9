import { AwsClient } from 'aws4fetch';
import type { S3ObjectStore } from './s3.ts';
import type { S3Options } from './s3-requests.ts';

/** The S3 servers that every test of a store runs against, where the runner has them. */
export const S3_SERVERS = [
  { name: 'MinIO', prefix: 'DEMETER_TEST_S3' },
  { name: 'versitygw', prefix: 'DEMETER_TEST_VERSITYGW' },
].map(({ name, prefix }) => ({
  name,
  needs: `${prefix}_ENDPOINT`,
  endpoint: process.env[`${prefix}_ENDPOINT`],
  accessKey: process.env[`${prefix}_ACCESS_KEY`] ?? '',
  secretKey: process.env[`${prefix}_SECRET_KEY`] ?? '',
}));

/** Empties and removes a bucket that a test made. */
export async function removeTestBucket(store: S3ObjectStore, options: S3Options): Promise<void> {
  for await (const key of store.list('')) await store.remove(key);
  const client = new AwsClient({
    accessKeyId: options.accessKey,
    secretAccessKey: options.secretKey,
    service: 's3',
    region: 'us-east-1',
  });
  const answer = await client.fetch(`${options.endpoint}/${options.bucket}`, { method: 'DELETE' });
  if (!answer.ok) throw new Error(`bucket ${options.bucket} was not removed: ${answer.status}`);
}
