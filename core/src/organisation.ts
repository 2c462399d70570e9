/** The one organisation of an installation; `demeter init` makes it. */
export const ORGANISATION_CODE = 'demeter';
