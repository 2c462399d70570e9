import type { Values } from '@demeter/common/config';

/** Policy of answers that are no pages. */
const API_POLICY = "default-src 'none'; frame-ancestors 'none'";

/**
 * Policy of our pages: nothing from elsewhere, but photos by a redirect to the object store where
 * browsers reach it. Styles may be inline: Swagger UI and drawn boxes set them on elements.
 */
export function pagePolicy(values: Pick<Values, 'S3_PUBLIC_ENDPOINT'>): string {
  const store = values.S3_PUBLIC_ENDPOINT ? ` ${new URL(values.S3_PUBLIC_ENDPOINT).origin}` : '';
  return [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    `img-src 'self' data: blob:${store}`,
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Sets what every answer carries; a policy that a page has set itself stays. */
export function setSecurityHeaders(headers: Headers): void {
  headers.set('x-content-type-options', 'nosniff');
  headers.set('referrer-policy', 'no-referrer');
  headers.set('cross-origin-resource-policy', 'same-origin');
  if (!headers.has('content-security-policy')) headers.set('content-security-policy', API_POLICY);
}
