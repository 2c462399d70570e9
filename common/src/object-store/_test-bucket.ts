import { AwsClient } from 'aws4fetch';
import type { S3ObjectStore, S3Options } from './s3.ts';

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
