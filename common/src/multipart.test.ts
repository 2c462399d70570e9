import { expect, test } from 'bun:test';
import { readMultipart } from './multipart.ts';
import { rejection } from './testing.ts';

const HEAD = '--b\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n';
const request = new Request('http://localhost/', {
  headers: { 'content-type': 'multipart/form-data; boundary=b' },
});

test('a form that breaks off inside its file ends with an error, and does not wait for ever', async () => {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start: (its) => {
      controller = its;
      its.enqueue(Buffer.from(`${HEAD}first bytes`));
    },
  });
  const read = async () => {
    let seen = 0;
    for await (const chunk of readMultipart(request, body).chunks) {
      seen += chunk.length;
      controller?.error(new Error('the client went away'));
    }
    return seen;
  };
  expect(await rejection(read())).toMatchObject({ code: 'INVALID_INPUT' });
});
