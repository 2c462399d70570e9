/**
 * Names in a folder into which others write may be anything but a slash and a zero byte: other
 * encodings, line breaks, 255 bytes. Files are opened by their bytes; people get a plain name.
 */

/** Leaves room for what is added, within the 255 bytes that file systems allow. */
const NAME_BYTES_MAX = 180;
/** What programs call a file while they write it; it gets its own name when it is whole. */
const TEMPORARY =
  /(^[~#])|(\.(part|partial|tmp|temp|filepart|crdownload|upload|download|swp)$)|~$/i;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const UNPLAIN = /[\u0000-\u001f\u007f/\\]/g;

/** One line of valid UTF-8 that any file system takes, its extension kept. */
export function toPlainName(name: Uint8Array): string {
  const clean = Buffer.from(name).toString('utf8').replace(UNPLAIN, '_');
  const [, stem = '', extension = ''] = /^(.*?)(\.[^.]{1,12})?$/s.exec(clean) ?? [];
  const room = NAME_BYTES_MAX - Buffer.byteLength(extension);
  const cut = Buffer.from(stem)
    .subarray(0, room)
    .toString('utf8')
    .replace(/\uFFFD+$/, '');
  return `${cut === '' ? 'photo' : cut}${extension}`;
}

export function isTemporary(plainName: string): boolean {
  return TEMPORARY.test(plainName);
}
