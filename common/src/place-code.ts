/** As long as a place's code may be where it is said: in UTF-16 units, as everywhere in JSON. */
export const PLACE_CODE_MAX = 100;

/** No control character and no half of a pair: no tag has one, and PostgreSQL refuses some. */
export const PLAIN_TEXT = /^[^\p{Cc}\p{Cs}]+$/u;

/** What may be the code of a place; whether there is such a place is the centre's to say. */
export function isPlaceCode(text: string): boolean {
  return text.length <= PLACE_CODE_MAX && PLAIN_TEXT.test(text);
}
