import type { EdgeConfiguration } from '@demeter/common/edge-configuration/schema';

type Cameras = NonNullable<EdgeConfiguration['cameras']>;

/**
 * A box's own configuration over its group's: thresholds, policies and limits key by key; a
 * policy, a timetable and hours as a whole, since their parts make sense together only.
 */
export function mergeConfigurations(
  group: EdgeConfiguration,
  own: EdgeConfiguration,
): EdgeConfiguration {
  const merged = {
    time_zone: own.time_zone ?? group.time_zone,
    thresholds: both(group.thresholds, own.thresholds),
    policies: both(group.policies, own.policies),
    forwarding: both(group.forwarding, own.forwarding),
    cameras: mergeCameras(group.cameras, own.cameras),
  };
  return JSON.parse(JSON.stringify(merged)) as EdgeConfiguration;
}

function both<T extends object>(group: T | undefined, own: T | undefined): T | undefined {
  return group || own ? ({ ...group, ...own } as T) : undefined;
}

function mergeCameras(group: Cameras = {}, own: Cameras = {}): Cameras | undefined {
  const codes = [...new Set([...Object.keys(group), ...Object.keys(own)])];
  if (codes.length === 0) return undefined;
  return Object.fromEntries(
    codes.map((code) => [
      code,
      {
        thresholds: both(group[code]?.thresholds, own[code]?.thresholds),
        timetable: own[code]?.timetable ?? group[code]?.timetable,
      },
    ]),
  ) as Cameras;
}
