import { count, number } from './numbers.ts';

/** Places and what stands there. */
export const placesTexts = {
  movements: {
    photo: 'Counted from the photo',
    manual_init: 'Typed in',
    plant: 'Planted',
    sow: 'Sown',
    transplant: 'Transplanted',
    death: 'Died',
    sale: 'Sold',
    adjustment: 'Corrected',
  },

  signed: (n: number) => (n > 0 ? `+${number.format(n)}` : n < 0 ? `−${number.format(-n)}` : '0'),

  map: {
    title: 'Map',
    label: 'Map of the places. Zoom with plus, minus and 0; move with the arrow keys.',
    colourBy: 'Colour by',
    byPlants: 'Plants',
    byAge: 'Age of the count',
    warehouses: 'Greenhouses and fields',
    all: 'All',
    less: 'fewer',
    more: 'more',
    ages: { fresh: 'this week', aging: 'this month', old: 'older', never: 'never counted' },
    never: 'never counted',
    countedAgo: (ago: string) => `counted ${ago}`,
    area: (m2: number) => `${number.format(Math.round(m2))} m²`,
    showPhotos: 'Photos of this place',
    lastPhoto: 'Last photo',
    empty: 'No places yet',
    emptyHint: 'An administrator draws them, or `demeter seed` makes a small nursery.',
    kinds: {
      greenhouse: 'Greenhouse',
      shadehouse: 'Shade house',
      open_field: 'Open field',
      tunnel: 'Tunnel',
    },
    places: (n: number) => count(n, 'place', 'places'),
    nothing: 'nothing counted',
    zoomHint: 'Choose a place on the map or in the list.',
  },

  stock: {
    title: 'Stock',
    proposals: 'To be decided',
    proposalsHint: 'A new count differs from the books. Nothing changes until someone decides.',
    proposal: (current: number, counted: number) =>
      `Books say ${number.format(current)}, counted ${number.format(counted)}`,
    confirm: 'Confirm',
    reject: 'Reject',
    confirmed: (code: string) => `${code} corrected.`,
    rejected: (code: string) => `${code} left as it was.`,
    seePhoto: 'See the photo',
    batches: 'Batches',
    columns: {
      batch: 'Batch',
      product: 'Product',
      place: 'Place',
      plants: 'Plants',
      since: 'Since',
    },
    empty: 'No stock yet',
    emptyHint: 'The first count of a place that has a product makes its batch.',
    listed: (plants: string, batches: number) =>
      `${plants} in ${count(batches, 'batch', 'batches')}`,
  },
};
