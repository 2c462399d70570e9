/**
 * A signed link as seen from here: the core may be known under another name than the one in the
 * address bar, and serves its files under both.
 */
export function fromHere(link: string): string {
  const { pathname, search } = new URL(link, 'http://localhost');
  return pathname + search;
}
