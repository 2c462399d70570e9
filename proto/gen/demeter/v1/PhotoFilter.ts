// Original file: demeter/v1/reprocess.proto


export interface PhotoFilter {
  'places'?: (string)[];
  'polygon_geojson'?: (string);
  'captured_from'?: (string);
  'captured_before'?: (string);
  'products'?: (string)[];
  'states'?: (string)[];
  'counted_with'?: (string);
}

export interface PhotoFilter__Output {
  'places': (string)[];
  'polygon_geojson': (string);
  'captured_from': (string);
  'captured_before': (string);
  'products': (string)[];
  'states': (string)[];
  'counted_with': (string);
}
