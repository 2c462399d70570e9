import type { Permission, Role } from './permissions.ts';

/** A person, or a program that acts with a person's rights. */
export interface UserPrincipal {
  readonly kind: 'user';
  readonly organisationId: string;
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly permissions: ReadonlySet<Permission>;
  /** For `created_by` and the audit: `user:<id>`. */
  readonly actor: string;
  /** To be sent back as X-CSRF-Token; null unless signed in by cookie. */
  readonly csrfToken: string | null;
}

/** An edge box: may register and read its own photos, nothing else. */
export interface EdgePrincipal {
  readonly kind: 'edge';
  readonly organisationId: string;
  readonly edgeId: string;
  readonly edgeCode: string;
  /** `edge:<id>`. */
  readonly actor: string;
}

export type Principal = UserPrincipal | EdgePrincipal;
