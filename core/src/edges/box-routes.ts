import { t } from 'elysia';
import type { CoreContext } from '../context.ts';
import { contentMark } from '../edge-sync/manifests.ts';
import { feature } from '../http/feature.ts';
import { Id, nullable, Time } from '../http/schemas.ts';
import { enrolEdge } from './enrol.ts';
import { Heartbeat, storeHeartbeat } from './heartbeat.ts';
import { exchangeAssertion } from './token.ts';

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

const PublicKey = t.Object(
  {
    kty: t.Literal('OKP'),
    crv: t.Literal('Ed25519'),
    // 32 bytes; the last letter has two bits too many, and only as zeros are they one key's name.
    x: t.String({ pattern: '^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$' }),
  },
  // A box may add `kid`, `alg` or `use`; they are left.
  { additionalProperties: true },
);

/** What a box says of itself: that it is here, who it is, and how it is (docs/protocols.md). */
export function boxRoutes(context: CoreContext) {
  const { keys, organisationId, clock } = context;
  return feature('Edge boxes')
    .post(
      '/edge/enrol',
      async ({ body, set }) => {
        const { edgeId, code, name, thumbprint } = await enrolEdge(context, {
          code: body.code,
          publicKey: body.public_key,
        });
        set.headers['cache-control'] = 'no-store';
        return {
          edge_id: edgeId,
          organisation_id: organisationId,
          code,
          name,
          fingerprint: thumbprint,
          keys: keys.publicKeys().keys as Record<string, unknown>[],
          server_time: new Date(clock.now()).toISOString(),
        };
      },
      {
        open: true,
        body: t.Object(
          { code: t.String({ minLength: 1, maxLength: 40 }), public_key: PublicKey },
          { additionalProperties: true },
        ),
        response: {
          200: t.Object({
            edge_id: Id,
            organisation_id: Id,
            code: t.String(),
            name: t.String(),
            fingerprint: t.String({ description: "The key's RFC 7638 thumbprint, its `kid`." }),
            keys: t.Array(t.Record(t.String(), t.Unknown())),
            server_time: Time,
          }),
        },
        detail: {
          summary: "Enrol a box's own key by a one-time code",
          description: 'The same key may repeat it with the same code.',
        },
      },
    )
    .post(
      '/edge/token',
      async ({ body, set }) => {
        const { token, expiresInSeconds } = await exchangeAssertion(context, body.assertion);
        set.headers['cache-control'] = 'no-store';
        return { access_token: token, token_type: 'Bearer' as const, expires_in: expiresInSeconds };
      },
      {
        open: true,
        body: t.Object({
          grant_type: t.Literal(JWT_BEARER),
          assertion: t.String({ minLength: 1, maxLength: 4_096 }),
        }),
        response: {
          200: t.Object({
            access_token: t.String(),
            token_type: t.Literal('Bearer'),
            expires_in: t.Integer({ description: 'Seconds.' }),
          }),
        },
        detail: { summary: "A short-lived token for an assertion signed with the box's key" },
      },
    )
    .post(
      '/edge/heartbeat',
      async ({ edge, body }) => {
        await storeHeartbeat(context, edge, body);
        return {
          server_time: new Date(clock.now()).toISOString(),
          configuration: await contentMark(context, edge),
        };
      },
      {
        edgeOnly: true,
        body: Heartbeat,
        response: {
          200: t.Object({
            server_time: Time,
            configuration: nullable(
              t.String({ description: 'Another text: something else is there to be pulled.' }),
            ),
          }),
        },
        detail: { summary: 'How the box is' },
      },
    );
}
