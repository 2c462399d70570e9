import { createHash } from 'node:crypto';

/** One colour, 320 × 320, WebP: what a model is shown before photos are counted with it. */
const bytes = Buffer.from(
  'UklGRioAAABXRUJQVlA4TB4AAAAvP8FPAAdQvIIVqv8BBWkbMPUvfzei/8n9v//3XwE=',
  'base64',
);

export const TRIAL_PICTURE = {
  sha256: createHash('sha256').update(bytes).digest('hex'),
  bytes,
  mediaType: 'image/webp',
  correlationId: 'model-trial',
} as const;
