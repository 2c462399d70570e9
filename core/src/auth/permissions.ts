/** Every permission there is (decisions, "Conventions"). */
export const PERMISSIONS = [
  'stock:read',
  'stock:write',
  'stock:delete',
  'analytics:read',
  'config:read',
  'config:write',
  'users:manage',
  'photos:read',
  'photos:write',
  'edges:manage',
  'models:manage',
  'reprocess:run',
  'system:read',
] as const;

export type Permission = (typeof PERMISSIONS)[number];

export const ROLES = ['admin', 'supervisor', 'worker', 'viewer'] as const;

export type Role = (typeof ROLES)[number];

export const ROLE_PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  admin: PERMISSIONS,
  supervisor: [
    'stock:read',
    'stock:write',
    'stock:delete',
    'analytics:read',
    'config:read',
    'photos:read',
    'photos:write',
    'system:read',
  ],
  worker: ['stock:read', 'stock:write', 'photos:read', 'photos:write'],
  viewer: ['stock:read', 'analytics:read', 'photos:read'],
};

export function isPermission(text: unknown): text is Permission {
  return (PERMISSIONS as readonly unknown[]).includes(text);
}

export function isRole(text: unknown): text is Role {
  return (ROLES as readonly unknown[]).includes(text);
}

/** The greatest role whose permissions are all among those held; null if none is. */
export function roleOf(held: ReadonlySet<Permission>): Role | null {
  return ROLES.find((role) => ROLE_PERMISSIONS[role].every((one) => held.has(one))) ?? null;
}
