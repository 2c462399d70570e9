/** Years of four digits, as times are written. */
const [FIRST_MS, LAST_MS] = [
  Date.parse('0000-01-01T00:00:00Z'),
  Date.parse('9999-12-31T23:59:59Z'),
];

/** RFC 3339 of a file's time in UTC milliseconds; null: file systems hold times that it cannot say. */
export function toFileTime(modifiedMs: number): string | null {
  const isSayable = modifiedMs >= FIRST_MS && modifiedMs <= LAST_MS;
  return isSayable ? new Date(modifiedMs).toISOString() : null;
}
