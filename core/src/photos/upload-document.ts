/**
 * How an upload is described: its body is streamed past Elysia's parser, so that no schema of a
 * route says it.
 */

const text = (description: string) => ({ type: 'string' as const, description });
const CLAIMS = {
  location_id: text('Where the photo was taken: a storage location.'),
  location_code: text('The same by the code on its tag.'),
  captured_at: text('RFC 3339; without it the photo’s own EXIF is read.'),
};
const BYTES = { schema: { type: 'string' as const, format: 'binary' } };

/** `detail` of the routes that take a photo. */
export const UPLOAD_DOCUMENT = {
  requestBody: {
    required: true,
    content: {
      'multipart/form-data': {
        schema: {
          type: 'object' as const,
          required: ['photo'],
          properties: { photo: { type: 'string' as const, format: 'binary' }, ...CLAIMS },
        },
      },
      'image/*': BYTES,
      'application/octet-stream': BYTES,
    },
  },
  parameters: Object.entries(CLAIMS).map(([name, { description }]) => ({
    name,
    in: 'query',
    description,
    schema: { type: 'string' as const },
  })),
};

/** `detail` of the route to which an edge puts bytes by a grant. */
export const RAW_BODY = { required: true, content: { 'image/*': BYTES } };
