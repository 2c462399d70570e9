/** How numbers are written in the page's language. */

export const LOCALE = 'en';

export const number = new Intl.NumberFormat(LOCALE);

export const count = (n: number, one: string, many: string) =>
  `${number.format(n)} ${n === 1 ? one : many}`;

export const gigabytes = (bytes: number) => (bytes / 1e9).toFixed(1);
