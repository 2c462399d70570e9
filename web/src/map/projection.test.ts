import { describe, expect, test } from 'bun:test';
import { boundsOf, createProjection, labelPoint, toPath, toViewBox } from './projection.ts';

/** A rectangle of `width` × `height` degrees with its south-west corner at `lon`, `lat`. */
const rectangle = (lon: number, lat: number, width: number, height: number) => ({
  coordinates: [
    [
      [lon, lat],
      [lon + width, lat],
      [lon + width, lat + height],
      [lon, lat + height],
      [lon, lat],
    ],
  ],
});

describe('projection', () => {
  test('a degree of longitude shrinks towards the poles, north is up', () => {
    const [x, y] = createProjection([10, 60]).toPlane([11, 61]);
    expect(x).toBeCloseTo(55_597, -1);
    expect(y).toBeCloseTo(-111_195, -1);
  });

  test('paths are closed, one for each ring', () => {
    const plane = createProjection([0, 0]);
    const outer = rectangle(0, 0, 0.001, 0.001);
    const polygon = { coordinates: [...outer.coordinates, ...outer.coordinates] };
    const path = toPath(polygon, plane);
    expect(path.match(/M/g)).toHaveLength(2);
    expect(path.startsWith('M0 0L111.2 0L')).toBe(true);
    expect(path.endsWith('Z')).toBe(true);
  });

  test('the label of a rectangle stands in its middle, also where its corner is far from the origin', () => {
    const plane = createProjection([0, 0]);
    const [x, y] = labelPoint(rectangle(0.01, 0.01, 0.002, 0.001), plane);
    expect(x).toBeCloseTo(0.011 * 111_195, 3);
    expect(y).toBeCloseTo(-0.0105 * 111_195, 3);
  });

  test('a viewBox holds everything with its margin', () => {
    const plane = createProjection([0, 0]);
    const bounds = boundsOf([rectangle(0, 0, 0.001, 0.0005)], plane)!;
    expect(toViewBox(bounds, 0.1)).toBe('-11.12 -66.72 133.43 77.84');
    expect(boundsOf([], plane)).toBeUndefined();
  });
});
