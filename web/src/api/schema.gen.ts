// Generated from core/openapi.json by `bun run generate-api`; do not edit.

export interface paths {
    "/api/v1/auth/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who is asking, and what they may do
         * @description For anybody who is signed in.
         */
        get: operations["getAuthMe"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/sign-in": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in by a one-time link; sets the cookie */
        post: operations["postAuthSignIn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/sign-in-links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A link that signs somebody in, once
         * @description Needs the permission `users:manage`.
         */
        post: operations["postAuthSignInLinks"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/sign-out": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End the cookie session
         * @description For anybody who is signed in.
         */
        post: operations["postAuthSignOut"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge-groups/{code}/configuration": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A group's configuration
         * @description Needs the permission `edges:manage`.
         */
        get: operations["getEdgeGroupsByCodeConfiguration"];
        /**
         * Set a group's configuration, which its boxes pull
         * @description Needs the permission `edges:manage`.
         */
        put: operations["putEdgeGroupsByCodeConfiguration"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge-models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Model files that boxes may pull
         * @description Needs the permission `models:manage`.
         */
        get: operations["getEdgeModels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge-models/{name}/{version}/files/{file}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Keep a file of a model for boxes to pull
         * @description Needs the permission `models:manage`.
         */
        put: operations["putEdgeModelsByNameByVersionFilesByFile"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/configuration": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The signed manifest of what this box should have
         * @description For edge boxes with their own credential.
         */
        get: operations["getEdgeConfiguration"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/configuration/pieces/{sha256}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Bytes that the manifest names; a Range goes on where it was cut
         * @description For edge boxes with their own credential.
         */
        get: operations["getEdgeConfigurationPiecesBySha256"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/configuration/state": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What the box works with, and what it went back from
         * @description For edge boxes with their own credential.
         */
        post: operations["postEdgeConfigurationState"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/enrol": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Enrol a box's own key by a one-time code
         * @description The same key may repeat it with the same code.
         */
        post: operations["postEdgeEnrol"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/grants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask where to put the bytes of a photo
         * @description For edge boxes with their own credential.
         */
        post: operations["postEdgeGrants"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/heartbeat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * How the box is
         * @description For edge boxes with their own credential.
         */
        post: operations["postEdgeHeartbeat"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/inbox/{edge_id}/{sha256}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Put the bytes of a photo, by a grant */
        put: operations["putEdgeInboxByEdgeIdBySha256"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/photos": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Register a photo whose bytes are in the store
         * @description For edge boxes with their own credential.
         */
        post: operations["postEdgePhotos"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/photos/states": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * How photos of this edge stand; those of others are left out
         * @description For edge boxes with their own credential.
         */
        post: operations["postEdgePhotosStates"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/photos/{sha256}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How a photo of this edge stands
         * @description For edge boxes with their own credential.
         */
        get: operations["getEdgePhotosBySha256"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/places": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Places to pick from at the box, by their codes
         * @description For edge boxes with their own credential.
         */
        get: operations["getEdgePlaces"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/reconcile/answers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What the box does about the photos it was asked for
         * @description For edge boxes with their own credential.
         */
        post: operations["postEdgeReconcileAnswers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/reconcile/days": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What the centre holds of this box’s days (UTC), as digests
         * @description For edge boxes with their own credential.
         */
        post: operations["postEdgeReconcileDays"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/reconcile/days/{day}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The sightings of one of its days, in order
         * @description For edge boxes with their own credential.
         */
        get: operations["getEdgeReconcileDaysByDay"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/reconcile/wanted": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Photos of this box that the centre has lost and asks for again
         * @description For edge boxes with their own credential.
         */
        get: operations["getEdgeReconcileWanted"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/stand-ins": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say that a photo stays on this box, and what it looks like
         * @description For edge boxes with their own credential.
         */
        post: operations["postEdgeStandIns"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A short-lived token for an assertion signed with the box's key */
        post: operations["postEdgeToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/uploads/{sha256}/complete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Join the parts of a photo that have arrived
         * @description For edge boxes with their own credential.
         */
        post: operations["postEdgeUploadsBySha256Complete"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edge/uploads/{sha256}/parts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask which parts of a photo have not arrived, and where to put them
         * @description For edge boxes with their own credential.
         */
        post: operations["postEdgeUploadsBySha256Parts"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edges": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Edge boxes, and how each is
         * @description Needs the permission `edges:manage`.
         */
        get: operations["getEdges"];
        put?: never;
        /**
         * Add an edge box; answers the one-time code that it enrols with
         * @description Needs the permission `edges:manage`.
         */
        post: operations["postEdges"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edges/alerts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was wrong with boxes, the newest first
         * @description Needs the permission `edges:manage`.
         */
        get: operations["getEdgesAlerts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edges/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One edge box
         * @description Needs the permission `edges:manage`.
         */
        get: operations["getEdgesById"];
        put?: never;
        post?: never;
        /**
         * Revoke an edge: nothing that it sends is taken any more
         * @description Needs the permission `edges:manage`.
         */
        delete: operations["deleteEdgesById"];
        options?: never;
        head?: never;
        /**
         * Rename an edge box, or set when it is missed
         * @description Needs the permission `edges:manage`.
         */
        patch: operations["patchEdgesById"];
        trace?: never;
    };
    "/api/v1/edges/{id}/code": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A new one-time code; the one before ends
         * @description What the box has goes on until it enrols with the code. A revoked box takes part again then. Needs the permission `edges:manage`.
         */
        post: operations["postEdgesByIdCode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edges/{id}/configuration": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What a box should have, and what it says it has
         * @description Needs the permission `edges:manage`.
         */
        get: operations["getEdgesByIdConfiguration"];
        /**
         * Set a box's configuration; it goes over its group's
         * @description Needs the permission `edges:manage`.
         */
        put: operations["putEdgesByIdConfiguration"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edges/{id}/credential": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A token of two years; the token or key before is refused at once
         * @description For boxes that cannot enrol. A key of its own is better: it never travels. Needs the permission `edges:manage`.
         */
        post: operations["postEdgesByIdCredential"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edges/{id}/group": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Put a box into a group; new boxes are in `default`
         * @description Needs the permission `edges:manage`.
         */
        put: operations["putEdgesByIdGroup"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/edges/{id}/remove": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Forget an edge that was never here
         * @description One added by mistake. 409 once it has enrolled or come: revoke it then. Needs the permission `edges:manage`.
         */
        post: operations["postEdgesByIdRemove"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Progress as server-sent events
         * @description `event: photo`, `event: server` at first and with every change, `event: rollout` and `event: edge`; a comment every five seconds. Needs the permission `photos:read`.
         */
        get: operations["getEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/files/{kind}/{photo_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A photo, its overlay or its thumbnail, by a signed link */
        get: operations["getFilesByKindByPhotoId"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What works and what does not */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Requests can be served */
        get: operations["getHealthReady"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Public keys of receipts and tokens (JWKS)
         * @description `signed` holds the same, signed with each of them (docs/protocols.md).
         */
        get: operations["getKeys"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/map": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All places with their plants and last counts
         * @description Needs the permission `stock:read`.
         */
        get: operations["getMap"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/missing-photos": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Photos that the store has lost, and what the boxes that sent them say
         * @description Needs the permission `edges:manage`.
         */
        get: operations["getMissingPhotos"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Model versions, and the servers that hold them
         * @description Needs the permission `system:read`.
         */
        get: operations["getModels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/models/{name}/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Remove an uploaded version that is not loaded
         * @description Needs the permission `models:manage`.
         */
        delete: operations["deleteModelsByNameByVersion"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/models/{name}/{version}/file": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Send a version to every connected server
         * @description It is not chosen by itself: a rollout, or a person, lets it count. Each server checks size, hash and shapes before anything is visible. Needs the permission `models:manage`.
         */
        put: operations["putModelsByNameByVersionFile"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/models/{name}/{version}/load": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Load a version; each server makes room, or refuses, by itself
         * @description Needs the permission `models:manage`.
         */
        post: operations["postModelsByNameByVersionLoad"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/models/{name}/{version}/pin": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Keep a version from eviction, or no longer
         * @description Needs the permission `models:manage`.
         */
        put: operations["putModelsByNameByVersionPin"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/models/{name}/{version}/promote": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let a version count all new photos, with or without a rollout before
         * @description Needs the permission `models:manage`.
         */
        post: operations["postModelsByNameByVersionPromote"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/models/{name}/{version}/rollback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End a rollout, or go back to the version before a promoted one
         * @description Needs the permission `models:manage`.
         */
        post: operations["postModelsByNameByVersionRollback"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/models/{name}/{version}/rollout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try a version on a share of the photos
         * @description Needs the permission `models:manage`.
         */
        post: operations["postModelsByNameByVersionRollout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/models/{name}/{version}/unload": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Unload a version after its running photos; it stays in the repository
         * @description Needs the permission `models:manage`.
         */
        post: operations["postModelsByNameByVersionUnload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/packaging-colors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List: packaging color
         * @description Needs the permission `stock:read`.
         */
        get: operations["getPackagingColors"];
        put?: never;
        /**
         * Create: packaging color
         * @description Needs the permission `config:write`.
         */
        post: operations["postPackagingColors"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/packaging-colors/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read one: packaging color
         * @description Needs the permission `stock:read`.
         */
        get: operations["getPackagingColorsById"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change: packaging color
         * @description Needs the permission `config:write`.
         */
        patch: operations["patchPackagingColorsById"];
        trace?: never;
    };
    "/api/v1/packaging-materials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List: packaging material
         * @description Needs the permission `stock:read`.
         */
        get: operations["getPackagingMaterials"];
        put?: never;
        /**
         * Create: packaging material
         * @description Needs the permission `config:write`.
         */
        post: operations["postPackagingMaterials"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/packaging-materials/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read one: packaging material
         * @description Needs the permission `stock:read`.
         */
        get: operations["getPackagingMaterialsById"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change: packaging material
         * @description Needs the permission `config:write`.
         */
        patch: operations["patchPackagingMaterialsById"];
        trace?: never;
    };
    "/api/v1/packaging-types": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List: packaging type
         * @description Needs the permission `stock:read`.
         */
        get: operations["getPackagingTypes"];
        put?: never;
        /**
         * Create: packaging type
         * @description Needs the permission `config:write`.
         */
        post: operations["postPackagingTypes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/packaging-types/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read one: packaging type
         * @description Needs the permission `stock:read`.
         */
        get: operations["getPackagingTypesById"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change: packaging type
         * @description Needs the permission `config:write`.
         */
        patch: operations["patchPackagingTypesById"];
        trace?: never;
    };
    "/api/v1/packagings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List: packaging
         * @description Needs the permission `stock:read`.
         */
        get: operations["getPackagings"];
        put?: never;
        /**
         * Create: packaging
         * @description Needs the permission `config:write`.
         */
        post: operations["postPackagings"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/packagings/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read one: packaging
         * @description Needs the permission `stock:read`.
         */
        get: operations["getPackagingsById"];
        put?: never;
        post?: never;
        /**
         * Retire: packaging
         * @description Needs the permission `config:write`.
         */
        delete: operations["deletePackagingsById"];
        options?: never;
        head?: never;
        /**
         * Change: packaging
         * @description Needs the permission `config:write`.
         */
        patch: operations["patchPackagingsById"];
        trace?: never;
    };
    "/api/v1/photo-sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Visits to places, newest first
         * @description Needs the permission `photos:read`.
         */
        get: operations["getPhotoSessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/photo-sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One visit to a place
         * @description Needs the permission `photos:read`.
         */
        get: operations["getPhotoSessionsById"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/photos": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Photos, newest first
         * @description Needs the permission `photos:read`.
         */
        get: operations["getPhotos"];
        put?: never;
        /**
         * Send a photo, as a form or as raw bytes
         * @description Needs the permission `photos:write`.
         */
        post: operations["postPhotos"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/photos/upload": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a photo (the original system’s name)
         * @description Needs the permission `photos:write`.
         */
        post: operations["postPhotosUpload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/photos/{photo_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One photo, with its place, count and stock
         * @description Needs the permission `photos:read`.
         */
        get: operations["getPhotosByPhotoId"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/photos/{photo_id}/detections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the current run found, in packed arrays
         * @description Needs the permission `photos:read`.
         */
        get: operations["getPhotosByPhotoIdDetections"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/photos/{photo_id}/location": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Say where a photo was taken; what was counted is booked there
         * @description Needs the permission `photos:write`.
         */
        put: operations["putPhotosByPhotoIdLocation"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/price-lists": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List: price
         * @description Needs the permission `stock:read`.
         */
        get: operations["getPriceLists"];
        put?: never;
        /**
         * Create: price
         * @description Needs the permission `config:write`.
         */
        post: operations["postPriceLists"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/price-lists/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read one: price
         * @description Needs the permission `stock:read`.
         */
        get: operations["getPriceListsById"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change: price
         * @description Needs the permission `config:write`.
         */
        patch: operations["patchPriceListsById"];
        trace?: never;
    };
    "/api/v1/product-categories": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List: product category
         * @description Needs the permission `stock:read`.
         */
        get: operations["getProductCategories"];
        put?: never;
        /**
         * Create: product category
         * @description Needs the permission `config:write`.
         */
        post: operations["postProductCategories"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/product-categories/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read one: product category
         * @description Needs the permission `stock:read`.
         */
        get: operations["getProductCategoriesById"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change: product category
         * @description Needs the permission `config:write`.
         */
        patch: operations["patchProductCategoriesById"];
        trace?: never;
    };
    "/api/v1/product-families": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List: product family
         * @description Needs the permission `stock:read`.
         */
        get: operations["getProductFamilies"];
        put?: never;
        /**
         * Create: product family
         * @description Needs the permission `config:write`.
         */
        post: operations["postProductFamilies"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/product-families/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read one: product family
         * @description Needs the permission `stock:read`.
         */
        get: operations["getProductFamiliesById"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change: product family
         * @description Needs the permission `config:write`.
         */
        patch: operations["patchProductFamiliesById"];
        trace?: never;
    };
    "/api/v1/product-sizes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List: product size
         * @description Needs the permission `stock:read`.
         */
        get: operations["getProductSizes"];
        put?: never;
        /**
         * Create: product size
         * @description Needs the permission `config:write`.
         */
        post: operations["postProductSizes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/product-sizes/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read one: product size
         * @description Needs the permission `stock:read`.
         */
        get: operations["getProductSizesById"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change: product size
         * @description Needs the permission `config:write`.
         */
        patch: operations["patchProductSizesById"];
        trace?: never;
    };
    "/api/v1/product-states": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List: product state
         * @description Needs the permission `stock:read`.
         */
        get: operations["getProductStates"];
        put?: never;
        /**
         * Create: product state
         * @description Needs the permission `config:write`.
         */
        post: operations["postProductStates"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/product-states/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read one: product state
         * @description Needs the permission `stock:read`.
         */
        get: operations["getProductStatesById"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change: product state
         * @description Needs the permission `config:write`.
         */
        patch: operations["patchProductStatesById"];
        trace?: never;
    };
    "/api/v1/products": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List: product
         * @description Needs the permission `stock:read`.
         */
        get: operations["getProducts"];
        put?: never;
        /**
         * Create: product
         * @description Needs the permission `config:write`.
         */
        post: operations["postProducts"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/products/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read one: product
         * @description Needs the permission `stock:read`.
         */
        get: operations["getProductsById"];
        put?: never;
        post?: never;
        /**
         * Retire: product
         * @description Needs the permission `config:write`.
         */
        delete: operations["deleteProductsById"];
        options?: never;
        head?: never;
        /**
         * Change: product
         * @description Needs the permission `config:write`.
         */
        patch: operations["patchProductsById"];
        trace?: never;
    };
    "/api/v1/reprocessings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Photos counted once more, the newest first
         * @description Needs the permission `reprocess:run`.
         */
        get: operations["getReprocessings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reprocessings/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How a reprocessing goes on
         * @description Needs the permission `reprocess:run`.
         */
        get: operations["getReprocessingsById"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reprocessings/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End it; what was counted stays to be compared
         * @description Needs the permission `reprocess:run`.
         */
        post: operations["postReprocessingsByIdCancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reprocessings/{id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send no more of its photos to servers
         * @description Needs the permission `reprocess:run`.
         */
        post: operations["postReprocessingsByIdPause"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reprocessings/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Go on with it; a limit that has paused it is lifted
         * @description Needs the permission `reprocess:run`.
         */
        post: operations["postReprocessingsByIdResume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rollouts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Rollouts of model versions, newest first; the last fifty
         * @description Needs the permission `system:read`.
         */
        get: operations["getRollouts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rollouts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One rollout
         * @description Needs the permission `system:read`.
         */
        get: operations["getRolloutsById"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Runs, newest first
         * @description Needs the permission `photos:read`.
         */
        get: operations["getRuns"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One run, with the tries that failed
         * @description Needs the permission `photos:read`.
         */
        get: operations["getRunsById"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{id}/detections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What a run found, in packed arrays
         * @description Needs the permission `photos:read`.
         */
        get: operations["getRunsByIdDetections"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stand-ins": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Photos that stay on their boxes, newest first
         * @description Needs the permission `photos:read`.
         */
        get: operations["getStandIns"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stand-ins/{edge_id}/{photo_id}/thumbnail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The small picture that stands for a photo on a box
         * @description Needs the permission `photos:read`.
         */
        get: operations["getStandInsByEdgeIdByPhotoIdThumbnail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stock/batches": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Batches, newest first
         * @description Needs the permission `stock:read`.
         */
        get: operations["getStockBatches"];
        put?: never;
        /**
         * Start a batch by hand (manual_init)
         * @description Needs the permission `stock:write`.
         */
        post: operations["postStockBatches"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stock/batches/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One batch
         * @description Needs the permission `stock:read`.
         */
        get: operations["getStockBatchesById"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stock/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Prove that every batch is the sum of its movements
         * @description Needs the permission `stock:read`.
         */
        get: operations["getStockCheck"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stock/movements": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Movements, newest first
         * @description Needs the permission `stock:read`.
         */
        get: operations["getStockMovements"];
        put?: never;
        /**
         * Write what happened to a batch
         * @description Of a transplant the leaving half; the arriving one is its counterpart. Needs the permission `stock:write`.
         */
        post: operations["postStockMovements"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stock/movements/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Take a movement back
         * @description Nothing is deleted: a counter-movement is written and answered. Needs the permission `stock:delete`.
         */
        delete: operations["deleteStockMovementsById"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stock/proposals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What later counts propose, newest first
         * @description Needs the permission `stock:read`.
         */
        get: operations["getStockProposals"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stock/proposals/{id}/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Book the difference
         * @description Needs the permission `stock:write`.
         */
        post: operations["postStockProposalsByIdConfirm"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stock/proposals/{id}/reject": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Leave the stock as it is
         * @description Needs the permission `stock:write`.
         */
        post: operations["postStockProposalsByIdReject"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/storage-areas": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List: storage area
         * @description Needs the permission `stock:read`.
         */
        get: operations["getStorageAreas"];
        put?: never;
        /**
         * Create: storage area
         * @description Needs the permission `config:write`.
         */
        post: operations["postStorageAreas"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/storage-areas/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read one: storage area
         * @description Needs the permission `stock:read`.
         */
        get: operations["getStorageAreasById"];
        put?: never;
        post?: never;
        /**
         * Retire: storage area
         * @description Needs the permission `config:write`.
         */
        delete: operations["deleteStorageAreasById"];
        options?: never;
        head?: never;
        /**
         * Change: storage area
         * @description Needs the permission `config:write`.
         */
        patch: operations["patchStorageAreasById"];
        trace?: never;
    };
    "/api/v1/storage-bin-types": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List: bin type
         * @description Needs the permission `stock:read`.
         */
        get: operations["getStorageBinTypes"];
        put?: never;
        /**
         * Create: bin type
         * @description Needs the permission `config:write`.
         */
        post: operations["postStorageBinTypes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/storage-bin-types/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read one: bin type
         * @description Needs the permission `stock:read`.
         */
        get: operations["getStorageBinTypesById"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change: bin type
         * @description Needs the permission `config:write`.
         */
        patch: operations["patchStorageBinTypesById"];
        trace?: never;
    };
    "/api/v1/storage-bins": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List: bin
         * @description Needs the permission `stock:read`.
         */
        get: operations["getStorageBins"];
        put?: never;
        /**
         * Create: bin
         * @description Needs the permission `config:write`.
         */
        post: operations["postStorageBins"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/storage-bins/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read one: bin
         * @description Needs the permission `stock:read`.
         */
        get: operations["getStorageBinsById"];
        put?: never;
        post?: never;
        /**
         * Retire: bin
         * @description Needs the permission `config:write`.
         */
        delete: operations["deleteStorageBinsById"];
        options?: never;
        head?: never;
        /**
         * Change: bin
         * @description Needs the permission `config:write`.
         */
        patch: operations["patchStorageBinsById"];
        trace?: never;
    };
    "/api/v1/storage-locations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List: storage location
         * @description Needs the permission `stock:read`.
         */
        get: operations["getStorageLocations"];
        put?: never;
        /**
         * Create: storage location
         * @description Needs the permission `config:write`.
         */
        post: operations["postStorageLocations"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/storage-locations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read one: storage location
         * @description Needs the permission `stock:read`.
         */
        get: operations["getStorageLocationsById"];
        put?: never;
        post?: never;
        /**
         * Retire: storage location
         * @description Needs the permission `config:write`.
         */
        delete: operations["deleteStorageLocationsById"];
        options?: never;
        head?: never;
        /**
         * Change: storage location
         * @description Needs the permission `config:write`.
         */
        patch: operations["patchStorageLocationsById"];
        trace?: never;
    };
    "/api/v1/storage-locations/{id}/config": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What should stand at a place
         * @description Needs the permission `stock:read`.
         */
        get: operations["getStorageLocationsByIdConfig"];
        /**
         * Say what should stand at a place
         * @description Makes a new version, and books the counts that waited for it. Needs the permission `config:write`.
         */
        put: operations["putStorageLocationsByIdConfig"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/system/memory-profile": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Memory of this core and of each inference server
         * @description Needs the permission `system:read`.
         */
        get: operations["getSystemMemoryProfile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/system/mesh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Inference servers and the queue
         * @description Needs the permission `system:read`.
         */
        get: operations["getSystemMesh"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/system/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Model versions (the original system’s name)
         * @description Needs the permission `system:read`.
         */
        get: operations["getSystemModels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/system/vram": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The memory that models take, by server
         * @description Without a GPU the same of its budget of resident memory. Needs the permission `system:read`.
         */
        get: operations["getSystemVram"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/warehouses": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List: warehouse
         * @description Needs the permission `stock:read`.
         */
        get: operations["getWarehouses"];
        put?: never;
        /**
         * Create: warehouse
         * @description Needs the permission `config:write`.
         */
        post: operations["postWarehouses"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/warehouses/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read one: warehouse
         * @description Needs the permission `stock:read`.
         */
        get: operations["getWarehousesById"];
        put?: never;
        post?: never;
        /**
         * Retire: warehouse
         * @description Needs the permission `config:write`.
         */
        delete: operations["deleteWarehousesById"];
        options?: never;
        head?: never;
        /**
         * Change: warehouse
         * @description Needs the permission `config:write`.
         */
        patch: operations["patchWarehousesById"];
        trace?: never;
    };
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What works and what does not */
        get: operations["getRootHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The process answers */
        get: operations["getRootHealthLive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Requests can be served */
        get: operations["getRootHealthReady"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Batch: {
            /** Format: uuid */
            id: string;
            code: string;
            location: components["schemas"]["PlaceRef"];
            product: components["schemas"]["ProductRef"];
            packaging: components["schemas"]["PackagingRef"] | null;
            quantity_initial: number;
            quantity_current: number;
            /** Format: date-time */
            created_at: string;
        };
        BatchPage: {
            items: components["schemas"]["Batch"][];
            next: string | null;
        };
        Bin: {
            /** Format: uuid */
            id: string;
            code: string;
            /** Format: uuid */
            storage_location_id: string;
            /** Format: uuid */
            storage_bin_type_id: string;
            retired_at: string | null;
        };
        BinPage: {
            items: components["schemas"]["Bin"][];
            next: string | null;
        };
        BinType: {
            /** Format: uuid */
            id: string;
            code: string;
            name: string;
            kind: "plug_tray" | "seedling_tray" | "box" | "segment" | "pot";
            rows: number | null;
            columns: number | null;
            capacity: number | null;
            length_cm: number | null;
            width_cm: number | null;
            height_cm: number | null;
        };
        BinTypePage: {
            items: components["schemas"]["BinType"][];
            next: string | null;
        };
        Detections: {
            /** Format: uuid */
            run_id: string;
            width: number | null;
            height: number | null;
            class_names: string[];
            /** @description x1, y1, x2, y2 an object, pixels of the upright photo. */
            boxes: number[];
            confidences: number[];
            class_ids: number[];
        };
        Edge: {
            /** Format: uuid */
            id: string;
            code: string;
            name: string;
            credential: "none" | "token" | "key";
            key: components["schemas"]["EdgeKey"] | null;
            code_expires_at: string | null;
            /** Format: date-time */
            created_at: string;
            last_seen_at: string | null;
            version: string | null;
            revoked_at: string | null;
            silent_after_minutes: number;
            unsent_after_hours: number;
            state: components["schemas"]["EdgeState"] | null;
            alerts: components["schemas"]["EdgeOpenAlert"][];
        };
        EdgeAlert: {
            /** Format: uuid */
            id: string;
            edge: components["schemas"]["PlaceRef"];
            kind: "silent" | "unsent" | "disk" | "clock";
            /** Format: date-time */
            since: string;
            /** Format: date-time */
            raised_at: string;
            resolved_at: string | null;
        };
        EdgeAlertPage: {
            items: components["schemas"]["EdgeAlert"][];
            next: string | null;
        };
        EdgeConfigurationOfBox: {
            /** Format: uuid */
            edge_id: string;
            group: string;
            own: components["schemas"]["EdgeConfigurationSet"];
            of_group: components["schemas"]["EdgeConfigurationSet"];
            effective: {
                [key: string]: unknown;
            } | null;
            manifest_version: number | null;
            applied_version: number | null;
            on_trial: boolean;
            refused_version: number | null;
            refused_reason: string | null;
            reported_at: string | null;
        };
        EdgeConfigurationSet: {
            /** @description Counts what was set here; 0: nothing yet. */
            version: number;
            /** @description time_zone, thresholds, policies, forwarding, cameras: as in a box's own file. */
            configuration: {
                [key: string]: unknown;
            };
            /** @description Model name → version whose files the box pulls. */
            models: {
                [key: string]: string;
            };
            not_before: string | null;
            set_by: string | null;
            set_at: string | null;
        };
        EdgeKey: {
            /** @description RFC 7638 thumbprint; the box shows the same. */
            fingerprint: string;
            /** Format: date-time */
            enrolled_at: string;
        };
        EdgeModelFile: {
            name: string;
            version: string;
            file: string;
            sha256: string;
            size_bytes: number;
            /** Format: date-time */
            created_at: string;
        };
        EdgeOpenAlert: {
            kind: "silent" | "unsent" | "disk" | "clock";
            /** Format: date-time */
            since: string;
            /** Format: date-time */
            raised_at: string;
        };
        EdgePage: {
            items: components["schemas"]["Edge"][];
            next: string | null;
        };
        EdgeState: {
            /** Format: date-time */
            received_at: string;
            /** @description The core's clock less the box's. */
            clock_offset_ms: number;
            /** @description Photos without a receipt. */
            backlog_photos: number;
            backlog_bytes: number;
            oldest_unsent_at: string | null;
            held_bytes: number;
            quota_bytes: number;
            /** @description Share of the quota that is held. */
            disk_share: number;
            fullness: string;
            alarms: {
                code: string;
                sentence: string;
            }[];
            cameras: {
                code: string;
                last_photo_at: string | null;
            }[];
            config_version: string | null;
        };
        Gpu: {
            uuid: string;
            name: string;
            /** @description Bytes. */
            vram_total_bytes: number;
            /** @description Bytes. */
            vram_used_bytes: number;
            /** @description Bytes. */
            vram_free_bytes: number;
            temperature_celsius: number;
            utilization_percent: number;
            /** @description Processes that compute on it without holding its lock: not ours. */
            other_pids: number[];
        };
        Health: {
            status: "healthy" | "degraded" | "unhealthy";
            /** @constant */
            service: "Demeter";
            version: string;
            database: string;
            redis: string;
            object_store: string;
            workers: {
                [key: string]: string;
            };
            /** @description Why a server is not ready, or not on the provider that was asked for. */
            reasons: {
                [key: string]: string;
            };
        };
        InferenceServer: {
            server_id: string;
            address: string;
            /** @description dialling, connected, draining, waiting, closed */
            state: string;
            version: string;
            ready: boolean;
            /** @description Why it is not ready. */
            reason: string;
            provider: string | null;
            /** @description Why the best provider is not the one in use. */
            provider_reason: string;
            gpu: components["schemas"]["Gpu"] | null;
            memory: components["schemas"]["ServerMemory"] | null;
            /** @description Bytes. */
            resident_bytes: number;
            models: components["schemas"]["ServerModel"][];
            /** @description Photos that wait at the server. */
            queued: number;
            /** @description Photos that this core has sent and that are unanswered. */
            in_flight: number;
            oldest_queued_ms: number;
            photos_completed: number;
            photos_failed: number;
            photos_per_second: number;
            /** @description Over the last minute; 0 when idle. */
            tiles_per_second: number;
            /** @description In a second of work, as this core has measured it; placement goes by it. */
            measured_tiles_per_second: number;
            queue_ms_p50: number;
            queue_ms_p95: number;
            inference_ms_p50: number;
            inference_ms_p95: number;
            evictions: number;
            fallbacks: number;
            restarts: number;
            /** @description closed: it gets photos; open: after failures it gets none; half-open: one, to see */
            breaker: string;
            reported_at: string | null;
        };
        MapArea: {
            /** Format: uuid */
            id: string;
            code: string;
            name: string;
            position: string | null;
            area_m2: number;
            polygon: components["schemas"]["Polygon"];
            plants: number;
            locations: components["schemas"]["MapLocation"][];
        };
        MapLocation: {
            /** Format: uuid */
            id: string;
            code: string;
            name: string;
            area_m2: number;
            polygon: components["schemas"]["Polygon"];
            plants: number;
            product: components["schemas"]["ProductRef"] | null;
            last_count: {
                photo_id: string;
                /** Format: uuid */
                session_id: string;
                detected: number;
                session_state: string;
                /** Format: date-time */
                at: string;
            } | null;
        };
        MapWarehouse: {
            /** Format: uuid */
            id: string;
            code: string;
            name: string;
            kind: string;
            timezone: string;
            area_m2: number;
            centroid: components["schemas"]["Point"];
            polygon: components["schemas"]["Polygon"];
            plants: number;
            areas: components["schemas"]["MapArea"][];
        };
        Me: {
            user_id: string;
            email: string;
            name: string;
            roles: string[];
            permissions: string[];
            organisation_id: string;
            csrf_token: string | null;
        };
        MemoryProfile: {
            core: {
                resident_bytes: number;
                heap_used_bytes: number;
                heap_total_bytes: number;
                external_bytes: number;
                array_buffers_bytes: number;
            };
            servers: components["schemas"]["ServerMemoryProfile"][];
        };
        Mesh: {
            servers: components["schemas"]["InferenceServer"][];
            queue: {
                waiting: number;
                leased: number;
            };
            /** @description Of all servers, over the last minute. */
            photos_per_second: number;
            tiles_per_second: number;
        };
        MissingPhoto: {
            /** @description SHA-256 of the bytes. */
            photo_id: string;
            /** Format: date-time */
            since: string;
            reason: "gone" | "changed";
            /** Format: date-time */
            received_at: string;
            size_bytes: number;
            file_name: string | null;
            /** @description Boxes that have sent the photo; none: a person uploaded it. */
            boxes: {
                /** Format: uuid */
                edge_id: string;
                code: string;
                answer: string | null;
                answered_at: string | null;
            }[];
        };
        MissingPhotoPage: {
            items: components["schemas"]["MissingPhoto"][];
            next: string | null;
        };
        ModelChange: {
            servers: {
                server_id: string;
                done: boolean;
                code: string | null;
                message: string | null;
                hint: string | null;
            }[];
        };
        ModelVersion: {
            name: string;
            version: string;
            /** @description SHA-256 of the file. */
            digest: string;
            role: string;
            task: string;
            /** @description New photos are counted with it. */
            active: boolean;
            held: string | null;
            servers: {
                server_id: string;
                name: string;
                version: string;
                role: string;
                task: string;
                /** @description SHA-256 of the file. */
                digest: string;
                /** @description unloaded, loading, ready, unloading, unavailable, unspecified */
                state: string;
                /** @description Why it is unavailable. */
                reason: string;
                /** @description Where it runs; empty while it does not. */
                provider: string;
                /** @description Bytes. */
                bytes: number;
                pinned: boolean;
                default_version: boolean;
                loaded_at: string | null;
                last_used_at: string | null;
                batch_sizes: number[];
                sessions: number;
                threads: number;
                /** @description Images run. */
                images: number;
                /** @description Runs; images by runs is the mean batch. */
                executions: number;
            }[];
        };
        Models: {
            models: components["schemas"]["ModelVersion"][];
        };
        Movement: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            batch_id: string;
            batch_code: string;
            kind: string;
            /** @description Plants, with the sign that they change the batch by. */
            quantity: number;
            /** Format: date-time */
            occurred_at: string;
            reason: string | null;
            created_by: string;
            photo_id: string | null;
            session_id: string | null;
            run_id: string | null;
            pipeline_digest: string | null;
            transfer_id: string | null;
            counter_of_id: string | null;
            /** Format: date-time */
            created_at: string;
        };
        MovementPage: {
            items: components["schemas"]["Movement"][];
            next: string | null;
        };
        Packaging: {
            /** Format: uuid */
            id: string;
            sku: string;
            name: string;
            packaging_type_id: string | null;
            packaging_material_id: string | null;
            packaging_color_id: string | null;
            volume_l: number | null;
            diameter_cm: number | null;
            height_cm: number | null;
            retired_at: string | null;
        };
        PackagingColor: {
            /** Format: uuid */
            id: string;
            code: string;
            name: string;
        };
        PackagingColorPage: {
            items: components["schemas"]["PackagingColor"][];
            next: string | null;
        };
        PackagingMaterial: {
            /** Format: uuid */
            id: string;
            code: string;
            name: string;
        };
        PackagingMaterialPage: {
            items: components["schemas"]["PackagingMaterial"][];
            next: string | null;
        };
        PackagingPage: {
            items: components["schemas"]["Packaging"][];
            next: string | null;
        };
        PackagingRef: {
            /** Format: uuid */
            id: string;
            sku: string;
            name: string;
        };
        PackagingType: {
            /** Format: uuid */
            id: string;
            code: string;
            name: string;
        };
        PackagingTypePage: {
            items: components["schemas"]["PackagingType"][];
            next: string | null;
        };
        Photo: {
            /** @description SHA-256 of the bytes. */
            photo_id: string;
            /** @description stored, quarantined, missing, expired, erased */
            state: string;
            quarantine_reason: string | null;
            size_bytes: number;
            media_type: string;
            width: number | null;
            height: number | null;
            /** Format: date-time */
            received_at: string;
            captured_at: string | null;
            captured_at_said: string | null;
            /** @description ok, corrected, implausible, order_only; where captured_at is not what was said, captured_at_said is. */
            time_flag: string;
            file_name: string | null;
            location: components["schemas"]["PlaceRef"] | null;
            location_source: string | null;
            location_candidates: {
                location: components["schemas"]["PlaceRef"];
                source: string;
                distance_m: number | null;
            }[];
            /** @description The edge's judgement, or null. */
            verdict: unknown;
            sightings: number;
            /** @description Its box had to note it anew: who took it, and where, nobody has said. */
            recovered: boolean;
            session: {
                /** Format: uuid */
                id: string;
                /** @description pending, processing, completed, failed, needs_location, needs_config, needs_calibration */
                state: string;
                detected: number | null;
                error_code: string | null;
                error_message: string | null;
            };
            run: components["schemas"]["Run"] | null;
            batch: {
                /** Format: uuid */
                id: string;
                code: string;
                quantity_current: number;
            } | null;
            links: {
                original: string | null;
                overlay: string | null;
                thumbnail: string | null;
            };
        };
        PhotoPage: {
            items: components["schemas"]["Photo"][];
            next: string | null;
        };
        PhotoSession: {
            /** Format: uuid */
            id: string;
            /** @description pending, processing, completed, failed, needs_location, needs_config, needs_calibration */
            state: string;
            location: components["schemas"]["PlaceRef"] | null;
            run_id: string | null;
            detected: number | null;
            error_code: string | null;
            error_message: string | null;
            photos: string[];
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
        };
        PhotoSessionPage: {
            items: components["schemas"]["PhotoSession"][];
            next: string | null;
        };
        PlaceConfig: {
            /** Format: uuid */
            id: string;
            version: number;
            /** Format: uuid */
            product_id: string;
            product_state_id: string | null;
            packaging_id: string | null;
            product: components["schemas"]["ProductRef"];
            product_state: {
                /** Format: uuid */
                id: string;
                code: string;
                name: string;
            } | null;
            packaging: components["schemas"]["PackagingRef"] | null;
            created_by: string;
            /** Format: date-time */
            created_at: string;
        };
        PlaceConfigChange: {
            /** Format: uuid */
            product_id: string;
            product_state_id?: string | null;
            packaging_id?: string | null;
        };
        PlaceRef: {
            /** Format: uuid */
            id: string;
            code: string;
            name: string;
        };
        PlantMap: {
            warehouses: components["schemas"]["MapWarehouse"][];
        };
        Point: {
            /** @constant */
            type: "Point";
            coordinates: [
                number,
                number
            ];
        };
        /** @description GeoJSON, SRID 4326, longitude before latitude. */
        Polygon: {
            /** @constant */
            type: "Polygon";
            coordinates: [
                number,
                number
            ][][];
        };
        Price: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            packaging_id: string;
            /** Format: uuid */
            product_category_id: string;
            wholesale_unit_price: number | null;
            retail_unit_price: number | null;
            units_per_box: number | null;
            available: boolean;
            discount_percent: number;
        };
        PricePage: {
            items: components["schemas"]["Price"][];
            next: string | null;
        };
        /** @description RFC 9457 problem document. */
        Problem: {
            type: string;
            title: string;
            status: number;
            /** @enum {string} */
            code: "EMPTY_PHOTO" | "NOT_AN_IMAGE" | "TRUNCATED_PHOTO" | "PHOTO_TOO_LARGE" | "TOO_MANY_PIXELS" | "UNDECODABLE_PHOTO" | "CHECKSUM_MISMATCH" | "PHOTO_NOT_IN_STORE" | "LOCATION_CONFLICT" | "INVALID_INPUT" | "UNSUPPORTED_MEDIA_TYPE" | "NOT_FOUND" | "ALREADY_EXISTS" | "CONFLICT" | "TOO_MANY_REQUESTS" | "NOT_OFFERED" | "UNAUTHENTICATED" | "PERMISSION_DENIED" | "ISSUER_UNAVAILABLE" | "EDGE_REVOKED" | "CLOCK_SKEWED" | "CSRF_REJECTED" | "PLACE_OUTSIDE_PARENT" | "INVALID_GEOMETRY" | "PRODUCT_MISMATCH" | "PACKAGING_MISMATCH" | "STOCK_BELOW_ZERO" | "ZERO_QUANTITY" | "PROPOSAL_DECIDED" | "NO_PIPELINE" | "MODEL_UNAVAILABLE" | "MODEL_MISMATCH" | "MODEL_INVALID" | "MODEL_MEMORY_FULL" | "INFERENCE_FAILED" | "CANCELLED" | "DEADLINE_EXCEEDED" | "DRAINING" | "STORAGE_FULL" | "STORAGE_FAILED" | "TOO_MANY_OPEN_FILES" | "DATABASE_UNAVAILABLE" | "OBJECT_STORE_UNAVAILABLE" | "SCHEMA_UNKNOWN" | "DATA_FOLDER_IN_USE" | "GPU_IN_USE" | "UNKNOWN_SETTING" | "INVALID_SETTING" | "INTERNAL";
            detail: string;
            /** @description What to do about it. */
            hint: string;
            /** @description The offending field. */
            field?: string;
            correlation_id?: string;
        } & {
            [key: string]: unknown;
        };
        Product: {
            /** Format: uuid */
            id: string;
            sku: string;
            common_name: string;
            scientific_name: string | null;
            /** Format: uuid */
            product_family_id: string;
            attributes: {
                [key: string]: unknown;
            };
            retired_at: string | null;
        };
        ProductCategory: {
            /** Format: uuid */
            id: string;
            code: string;
            name: string;
        };
        ProductCategoryPage: {
            items: components["schemas"]["ProductCategory"][];
            next: string | null;
        };
        ProductFamily: {
            /** Format: uuid */
            id: string;
            code: string;
            name: string;
            /** Format: uuid */
            product_category_id: string;
        };
        ProductFamilyPage: {
            items: components["schemas"]["ProductFamily"][];
            next: string | null;
        };
        ProductPage: {
            items: components["schemas"]["Product"][];
            next: string | null;
        };
        ProductRef: {
            /** Format: uuid */
            id: string;
            sku: string;
            common_name: string;
        };
        ProductSize: {
            /** Format: uuid */
            id: string;
            code: string;
            name: string;
            height_cm_min: number | null;
            height_cm_max: number | null;
        };
        ProductSizePage: {
            items: components["schemas"]["ProductSize"][];
            next: string | null;
        };
        ProductState: {
            /** Format: uuid */
            id: string;
            code: string;
            name: string;
            sellable: boolean;
        };
        ProductStatePage: {
            items: components["schemas"]["ProductState"][];
            next: string | null;
        };
        Proposal: {
            /** Format: uuid */
            id: string;
            batch: {
                /** Format: uuid */
                id: string;
                code: string;
            };
            location: components["schemas"]["PlaceRef"];
            photo_id: string;
            counted: number;
            /** @description Of the batch when it was counted. */
            current: number;
            difference: number;
            state: string;
            /** Format: date-time */
            created_at: string;
            decided_by: string | null;
            decided_at: string | null;
        };
        ProposalPage: {
            items: components["schemas"]["Proposal"][];
            next: string | null;
        };
        Reprocessing: {
            /** Format: uuid */
            id: string;
            name: string;
            /** @description running, paused, completed, cancelled, promoting, promoted, discarded */
            state: string;
            pause_reason: string | null;
            model: string;
            pipeline_digest: string;
            photos: number;
            /** @description By servers. */
            counted: number;
            /** @description Counted so before. */
            reused: number;
            failed: number;
            server_minutes: number;
            plants_before: number;
            plants_after: number;
            created_by: string;
            /** Format: date-time */
            created_at: string;
            ended_at: string | null;
        };
        ReprocessingPage: {
            items: components["schemas"]["Reprocessing"][];
            next: string | null;
        };
        Rollout: {
            /** Format: uuid */
            id: string;
            /** @description name/version */
            model: string;
            /** @description What it takes the place of; where it joins an ensemble, what that is without it. */
            stable_model: string;
            /** @description shadow, canary, promoted, rolled_back */
            state: string;
            /** @description Of the photos, while it was open. */
            percent: number;
            auto_promote: boolean;
            thresholds: components["schemas"]["RolloutThresholds"];
            evidence: components["schemas"]["RolloutEvidence"] | null;
            verdict: string | null;
            reason: string;
            created_by: string;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            phase_at: string;
            ended_at: string | null;
        };
        RolloutEvidence: {
            photos: number;
            /** @description Counted by both. */
            compared: number;
            stable_failed: number;
            candidate_failed: number;
            missing: number;
            empty: number;
            stable_plants: number;
            candidate_plants: number;
            difference: number;
            latency_ratio: number | null;
        };
        RolloutThresholds: {
            /** @description Photos that only the new version fails on. */
            failed_share_max: number;
            /** @description Photos unanswered in time, or found empty. */
            missing_share_max: number;
            /** @description Median time by the stable version’s. */
            latency_ratio_max: number;
            /** @description Plants in all, more or fewer. */
            drift_max: number;
            /** @description Sum of the photos’ differences. */
            spread_max: number;
            samples_min: number;
            samples_pass: number;
            /** @description Later than this after the other answer, one is missing; in the shadow ten times. */
            patience_ms: number;
        };
        Rollouts: {
            rollouts: components["schemas"]["Rollout"][];
        };
        Run: {
            /** Format: uuid */
            id: string;
            /** @description SHA-256 of the bytes. */
            photo_id: string;
            state: string;
            detected: number | null;
            counts: {
                [key: string]: number;
            } | null;
            capped: boolean;
            provider: string | null;
            server_id: string | null;
            timings: {
                [key: string]: number;
            } | null;
            tiles: number | null;
            counted_long_side_px: number | null;
            pipeline: {
                digest: string;
                /** @description Of several that count together: their names, with commas. */
                model: string;
                /** @description Likewise. */
                version: string;
                models: {
                    name: string;
                    version: string;
                }[];
            };
            rollout: string | null;
            /** Format: date-time */
            created_at: string;
            started_at: string | null;
            completed_at: string | null;
        };
        RunPage: {
            items: components["schemas"]["Run"][];
            next: string | null;
        };
        ServerMemory: {
            /** @description vram, or resident: a budget of memory where there is no GPU */
            kind: string;
            /** @description Bytes. */
            total_bytes: number;
            /** @description Bytes. */
            used_bytes: number;
            /** @description Bytes. */
            free_bytes: number;
            /** @description Bytes. */
            models_bytes: number;
            /** @description Bytes. */
            other_bytes: number;
        };
        ServerMemoryProfile: {
            server_id: string;
            resident_bytes: number;
            memory: components["schemas"]["ServerMemory"] | null;
            evictions: number;
            models: components["schemas"]["ServerModel"][];
        };
        ServerModel: {
            name: string;
            version: string;
            role: string;
            task: string;
            /** @description SHA-256 of the file. */
            digest: string;
            /** @description unloaded, loading, ready, unloading, unavailable, unspecified */
            state: string;
            /** @description Why it is unavailable. */
            reason: string;
            /** @description Where it runs; empty while it does not. */
            provider: string;
            /** @description Bytes. */
            bytes: number;
            pinned: boolean;
            default_version: boolean;
            loaded_at: string | null;
            last_used_at: string | null;
            batch_sizes: number[];
            sessions: number;
            threads: number;
            /** @description Images run. */
            images: number;
            /** @description Runs; images by runs is the mean batch. */
            executions: number;
        };
        ServerVram: {
            server_id: string;
            gpu: components["schemas"]["Gpu"] | null;
            memory: components["schemas"]["ServerMemory"] | null;
            models: {
                name: string;
                version: string;
                bytes: number;
                pinned: boolean;
            }[];
        };
        StandIn: {
            /** @description SHA-256 of the bytes. */
            photo_id: string;
            /** Format: uuid */
            edge_id: string;
            edge_code: string;
            camera: string;
            /** @description kept; resolved: the box has given the photo up */
            state: string;
            /** @description The verdict or reason whose policy it falls under. */
            policy: string;
            /** @description thumbnail or hold */
            forward: string;
            /** @description The edge's judgement. */
            verdict: unknown;
            size_bytes: number;
            media_type: string;
            captured_at: string | null;
            time_flag: string;
            /** Format: date-time */
            accepted_at: string;
            kept_until: string | null;
            /** Format: date-time */
            received_at: string;
            resolved_at: string | null;
            has_thumbnail: boolean;
        };
        StandInPage: {
            items: components["schemas"]["StandIn"][];
            next: string | null;
        };
        StorageArea: {
            /** Format: uuid */
            id: string;
            code: string;
            name: string;
            /** Format: uuid */
            warehouse_id: string;
            position: ("N" | "S" | "E" | "W" | "C") | null;
            area_m2: number;
            centroid: components["schemas"]["Point"];
            polygon: components["schemas"]["Polygon"];
            /** Format: date-time */
            created_at: string;
            retired_at: string | null;
        };
        StorageAreaPage: {
            items: components["schemas"]["StorageArea"][];
            next: string | null;
        };
        StorageLocation: {
            /** Format: uuid */
            id: string;
            code: string;
            name: string;
            /** Format: uuid */
            storage_area_id: string;
            area_m2: number;
            centroid: components["schemas"]["Point"];
            polygon: components["schemas"]["Polygon"];
            /** Format: date-time */
            created_at: string;
            retired_at: string | null;
        };
        StorageLocationPage: {
            items: components["schemas"]["StorageLocation"][];
            next: string | null;
        };
        Uploaded: {
            /** @description SHA-256 of the bytes. */
            photo_id: string;
            original_url: string;
            /** @description The session's state. */
            status: string;
        };
        Vram: {
            servers: components["schemas"]["ServerVram"][];
        };
        Warehouse: {
            /** Format: uuid */
            id: string;
            code: string;
            name: string;
            kind: "greenhouse" | "shadehouse" | "open_field" | "tunnel";
            /** @description IANA, e.g. Europe/Madrid. */
            timezone: string;
            area_m2: number;
            centroid: components["schemas"]["Point"];
            polygon: components["schemas"]["Polygon"];
            /** Format: date-time */
            created_at: string;
            retired_at: string | null;
        };
        WarehousePage: {
            items: components["schemas"]["Warehouse"][];
            next: string | null;
        };
        WrittenMovement: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            batch_id: string;
            batch_code: string;
            kind: string;
            /** @description Plants, with the sign that they change the batch by. */
            quantity: number;
            /** Format: date-time */
            occurred_at: string;
            reason: string | null;
            created_by: string;
            photo_id: string | null;
            session_id: string | null;
            run_id: string | null;
            pipeline_digest: string | null;
            transfer_id: string | null;
            counter_of_id: string | null;
            /** Format: date-time */
            created_at: string;
            counterpart: components["schemas"]["Movement"] | null;
        };
    };
    responses: {
        /** @description `EMPTY_PHOTO`, `TRUNCATED_PHOTO`, `UNDECODABLE_PHOTO`, `CHECKSUM_MISMATCH`, `PLACE_OUTSIDE_PARENT`, `INVALID_GEOMETRY`, `MODEL_INVALID` */
        Problem422: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `NOT_AN_IMAGE`, `UNSUPPORTED_MEDIA_TYPE` */
        Problem415: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `PHOTO_TOO_LARGE`, `TOO_MANY_PIXELS` */
        Problem413: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `PHOTO_NOT_IN_STORE`, `LOCATION_CONFLICT`, `ALREADY_EXISTS`, `CONFLICT`, `STOCK_BELOW_ZERO`, `PROPOSAL_DECIDED`, `MODEL_MISMATCH`, `CANCELLED`, `DATA_FOLDER_IN_USE`, `GPU_IN_USE` */
        Problem409: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `INVALID_INPUT`, `PRODUCT_MISMATCH`, `PACKAGING_MISMATCH`, `ZERO_QUANTITY` */
        Problem400: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `NOT_FOUND` */
        Problem404: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `TOO_MANY_REQUESTS` */
        Problem429: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `NOT_OFFERED` */
        Problem501: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `UNAUTHENTICATED`, `EDGE_REVOKED`, `CLOCK_SKEWED` */
        Problem401: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `PERMISSION_DENIED`, `CSRF_REJECTED` */
        Problem403: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `ISSUER_UNAVAILABLE`, `NO_PIPELINE`, `MODEL_UNAVAILABLE`, `DRAINING`, `STORAGE_FAILED`, `TOO_MANY_OPEN_FILES`, `DATABASE_UNAVAILABLE`, `OBJECT_STORE_UNAVAILABLE`, `SCHEMA_UNKNOWN` */
        Problem503: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `MODEL_MEMORY_FULL`, `STORAGE_FULL` */
        Problem507: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `INFERENCE_FAILED`, `UNKNOWN_SETTING`, `INVALID_SETTING`, `INTERNAL` */
        Problem500: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `DEADLINE_EXCEEDED` */
        Problem504: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getAuthMe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
        };
    };
    postAuthSignIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    token: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
        };
    };
    postAuthSignInLinks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    email?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        url: string;
                        /** Format: date-time */
                        expires_at: string;
                    };
                };
            };
        };
    };
    postAuthSignOut: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        signed_out: boolean;
                    };
                };
            };
        };
    };
    getEdgeGroupsByCodeConfiguration: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                code: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EdgeConfigurationSet"];
                };
            };
        };
    };
    putEdgeGroupsByCodeConfiguration: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                code: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description time_zone, thresholds, policies, forwarding, cameras: as in a box's own file. */
                    configuration: {
                        [key: string]: unknown;
                    };
                    /** @description Model name → version whose files the box pulls. */
                    models?: {
                        [key: string]: string;
                    };
                    not_before?: string | null;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EdgeConfigurationSet"];
                };
            };
        };
    };
    getEdgeModels: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        files: components["schemas"]["EdgeModelFile"][];
                    };
                };
            };
        };
    };
    putEdgeModelsByNameByVersionFilesByFile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                version: string;
                file: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "image/*": string;
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        sha256: string;
                        size_bytes: number;
                    };
                };
            };
        };
    };
    getEdgeConfiguration: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        manifest: string | null;
                    };
                };
            };
        };
    };
    getEdgeConfigurationPiecesBySha256: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description SHA-256 of the bytes. */
                sha256: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    postEdgeConfigurationState: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    applied_version: number | null;
                    on_trial: boolean;
                    refused_version: number | null;
                    refused_reason: string | null;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        taken: boolean;
                    };
                };
            };
        };
    };
    postEdgeEnrol: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code: string;
                    public_key: {
                        /** @constant */
                        kty: "OKP";
                        /** @constant */
                        crv: "Ed25519";
                        x: string;
                    } & {
                        [key: string]: unknown;
                    };
                } & {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uuid */
                        edge_id: string;
                        /** Format: uuid */
                        organisation_id: string;
                        code: string;
                        name: string;
                        /** @description The key's RFC 7638 thumbprint, its `kid`. */
                        fingerprint: string;
                        keys: {
                            [key: string]: unknown;
                        }[];
                        /** Format: date-time */
                        server_time: string;
                    };
                };
            };
        };
    };
    postEdgeGrants: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description SHA-256 of the bytes. */
                    sha256: string;
                    size_bytes: number;
                    media_type: "image/jpeg" | "image/png" | "image/webp" | "image/heic";
                    /** @description This edge can send in parts. */
                    parts?: boolean;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        state: "put" | "parts" | "stored";
                        grant?: {
                            /** @constant */
                            method: "PUT";
                            /** @description Where it is relative, it is at the core itself. */
                            url: string;
                            headers: {
                                [key: string]: string;
                            };
                            /** Format: date-time */
                            expires_at: string;
                        };
                        upload?: {
                            id: string;
                            part_bytes: number;
                        };
                        key?: string;
                    };
                };
            };
        };
    };
    postEdgeHeartbeat: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: date-time */
                    sent_at: string;
                    clock_correction_ms?: number;
                    boot_id: string;
                    boot_number?: number;
                    monotonic_ms: number;
                    version: string;
                    backlog_photos: number;
                    backlog_bytes: number;
                    oldest_unsent_at: string | null;
                    held_bytes: number;
                    quota_bytes: number;
                    fullness: string;
                    alarms: ({
                        code: string;
                        sentence: string;
                    } & {
                        [key: string]: unknown;
                    })[];
                    cameras: ({
                        code: string;
                        last_photo_at: string | null;
                    } & {
                        [key: string]: unknown;
                    })[];
                    config_version: string | null;
                } & {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: date-time */
                        server_time: string;
                        configuration: string | null;
                    };
                };
            };
        };
    };
    putEdgeInboxByEdgeIdBySha256: {
        parameters: {
            query: {
                organisation: string;
                expires: number;
                signature: string;
            };
            header?: never;
            path: {
                edge_id: string;
                /** @description SHA-256 of the bytes. */
                sha256: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "image/*": string;
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        state: "stored";
                    };
                };
            };
        };
    };
    postEdgePhotos: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description SHA-256 of the bytes. */
                    sha256: string;
                    size_bytes: number;
                    media_type: string;
                    file_name?: string | null;
                    sighting: {
                        id: string;
                        camera: string;
                        boot_id?: string | null;
                        boot_number?: number | null;
                        sequence?: number | null;
                        monotonic_ms?: number | null;
                        captured_at?: string | null;
                        captured_at_local?: string | null;
                        captured_at_source: "exif" | "device" | "file" | "none";
                        /** Format: date-time */
                        accepted_at: string;
                        recovered?: boolean | null;
                    } & {
                        [key: string]: unknown;
                    };
                    clock?: ({
                        /** Format: date-time */
                        sent_at: string;
                        boot_id: string;
                        boot_number?: number | null;
                        monotonic_ms: number;
                    } & {
                        [key: string]: unknown;
                    }) | null;
                    place?: ({
                        /** Format: uuid */
                        location_id?: string;
                        location_code?: string;
                    } & {
                        [key: string]: unknown;
                    }) | null;
                    position?: ({
                        longitude: number;
                        latitude: number;
                        accuracy_m?: number | null;
                    } & {
                        [key: string]: unknown;
                    }) | null;
                    verdict?: ({
                        result: "good" | "poor" | "undecodable";
                        reasons?: unknown[];
                    } & {
                        [key: string]: unknown;
                    }) | null;
                    correlation_id: string;
                    traceparent?: string | null;
                } & {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description SHA-256 of the bytes. */
                        photo_id: string;
                        state: string;
                        receipt: string;
                    };
                };
            };
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description SHA-256 of the bytes. */
                        photo_id: string;
                        state: string;
                        receipt: string;
                    };
                };
            };
        };
    };
    postEdgePhotosStates: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    photos: string[];
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        photos: {
                            /** @description SHA-256 of the bytes. */
                            photo_id: string;
                            state: string;
                            detected: number | null;
                            location_code: string | null;
                            session_state: string;
                        }[];
                    };
                };
            };
        };
    };
    getEdgePhotosBySha256: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description SHA-256 of the bytes. */
                sha256: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description SHA-256 of the bytes. */
                        photo_id: string;
                        state: string;
                        detected: number | null;
                        location_code: string | null;
                        session_state: string;
                    };
                };
            };
        };
    };
    getEdgePlaces: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        places: {
                            code: string;
                            name: string;
                        }[];
                        /** @description There are more, by the order of their codes. */
                        truncated: boolean;
                    };
                };
            };
        };
    };
    postEdgeReconcileAnswers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    photos: {
                        /** @description SHA-256 of the bytes. */
                        sha256: string;
                        answer: "queued" | "evicted" | "unknown" | "changed";
                    }[];
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        taken: number;
                    };
                };
            };
        };
    };
    postEdgeReconcileDays: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    days: string[];
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        days: {
                            /** Format: date */
                            day: string;
                            sightings: number;
                            digest: string;
                        }[];
                    };
                };
            };
        };
    };
    getEdgeReconcileDaysByDay: {
        parameters: {
            query?: {
                /** @description SHA-256 of the photo in hex, then the sighting's ULID. */
                after?: string;
                limit?: number;
            };
            header?: never;
            path: {
                day: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        keys: string[];
                        next: string | null;
                    };
                };
            };
        };
    };
    getEdgeReconcileWanted: {
        parameters: {
            query?: {
                /** @description SHA-256 of the bytes. */
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        photos: string[];
                        next: string | null;
                    };
                };
            };
        };
    };
    postEdgeStandIns: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description SHA-256 of the bytes. */
                    sha256: string;
                    size_bytes: number;
                    media_type: string;
                    file_name?: string | null;
                    sighting: {
                        id: string;
                        camera: string;
                        boot_id?: string | null;
                        boot_number?: number | null;
                        sequence?: number | null;
                        monotonic_ms?: number | null;
                        captured_at?: string | null;
                        captured_at_local?: string | null;
                        captured_at_source: "exif" | "device" | "file" | "none";
                        /** Format: date-time */
                        accepted_at: string;
                        recovered?: boolean | null;
                    } & {
                        [key: string]: unknown;
                    };
                    clock?: ({
                        /** Format: date-time */
                        sent_at: string;
                        boot_id: string;
                        boot_number?: number | null;
                        monotonic_ms: number;
                    } & {
                        [key: string]: unknown;
                    }) | null;
                    place?: ({
                        /** Format: uuid */
                        location_id?: string;
                        location_code?: string;
                    } & {
                        [key: string]: unknown;
                    }) | null;
                    position?: ({
                        longitude: number;
                        latitude: number;
                        accuracy_m?: number | null;
                    } & {
                        [key: string]: unknown;
                    }) | null;
                    verdict?: ({
                        result: "good" | "poor" | "undecodable";
                        reasons?: unknown[];
                    } & {
                        [key: string]: unknown;
                    }) | null;
                    correlation_id: string;
                    traceparent?: string | null;
                    state: "kept" | "resolved";
                    policy: {
                        name: string;
                        forward: "thumbnail" | "hold";
                    } & {
                        [key: string]: unknown;
                    };
                    kept_until: string | null;
                    thumbnail: string | null;
                } & {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description SHA-256 of the bytes. */
                        photo_id: string;
                        state: string;
                    };
                };
            };
        };
    };
    postEdgeToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer";
                    assertion: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        access_token: string;
                        /** @constant */
                        token_type: "Bearer";
                        /** @description Seconds. */
                        expires_in: number;
                    };
                };
            };
        };
    };
    postEdgeUploadsBySha256Complete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description SHA-256 of the bytes. */
                sha256: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    upload_id: string;
                    size_bytes: number;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        state: "stored";
                    };
                };
            };
        };
    };
    postEdgeUploadsBySha256Parts: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description SHA-256 of the bytes. */
                sha256: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    upload_id: string;
                    parts: {
                        number: number;
                        size_bytes: number;
                        /** @description SHA-256 of the bytes. */
                        sha256: string;
                    }[];
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        missing: {
                            number: number;
                            grant: {
                                /** @constant */
                                method: "PUT";
                                /** @description Where it is relative, it is at the core itself. */
                                url: string;
                                headers: {
                                    [key: string]: string;
                                };
                                /** Format: date-time */
                                expires_at: string;
                            };
                        }[];
                    };
                };
            };
        };
    };
    getEdges: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EdgePage"];
                };
            };
        };
    };
    postEdges: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code: string;
                    name: string;
                    /** @default 24 */
                    valid_hours?: number;
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uuid */
                        id: string;
                        code: string;
                        name: string;
                        credential: "none" | "token" | "key";
                        key: components["schemas"]["EdgeKey"] | null;
                        code_expires_at: string | null;
                        /** Format: date-time */
                        created_at: string;
                        last_seen_at: string | null;
                        version: string | null;
                        revoked_at: string | null;
                        silent_after_minutes: number;
                        unsent_after_hours: number;
                        state: components["schemas"]["EdgeState"] | null;
                        alerts: components["schemas"]["EdgeOpenAlert"][];
                        enrolment: {
                            /** @description Typed in at the box, once; it is shown nowhere again. */
                            code: string;
                            /** Format: date-time */
                            expires_at: string;
                        };
                    };
                };
            };
        };
    };
    getEdgesAlerts: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                /** @description Only those that stand, or stand not. */
                open?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EdgeAlertPage"];
                };
            };
        };
    };
    getEdgesById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Edge"];
                };
            };
        };
    };
    deleteEdgesById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Edge"];
                };
            };
        };
    };
    patchEdgesById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    name?: string;
                    silent_after_minutes?: number;
                    unsent_after_hours?: number;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Edge"];
                };
            };
        };
    };
    postEdgesByIdCode: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @default 24 */
                    valid_hours?: number;
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Typed in at the box, once; it is shown nowhere again. */
                        code: string;
                        /** Format: date-time */
                        expires_at: string;
                    };
                };
            };
        };
    };
    getEdgesByIdConfiguration: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EdgeConfigurationOfBox"];
                };
            };
        };
    };
    putEdgesByIdConfiguration: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description time_zone, thresholds, policies, forwarding, cameras: as in a box's own file. */
                    configuration: {
                        [key: string]: unknown;
                    };
                    /** @description Model name → version whose files the box pulls. */
                    models?: {
                        [key: string]: string;
                    };
                    not_before?: string | null;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EdgeConfigurationOfBox"];
                };
            };
        };
    };
    postEdgesByIdCredential: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        token: string;
                        /** Format: date-time */
                        expires_at: string;
                    };
                };
            };
        };
    };
    putEdgesByIdGroup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    group: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EdgeConfigurationOfBox"];
                };
            };
        };
    };
    postEdgesByIdRemove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uuid */
                        id: string;
                    };
                };
            };
        };
    };
    getEvents: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A stream that does not end. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
        };
    };
    getFilesByKindByPhotoId: {
        parameters: {
            query: {
                organisation: string;
                expires: number;
                signature: string;
            };
            header?: never;
            path: {
                kind: "original" | "overlay" | "thumbnail";
                /** @description SHA-256 of the bytes. */
                photo_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    getHealthReady: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        status: string;
                        accepts_photos: boolean;
                    };
                };
            };
        };
    };
    getKeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        keys: {
                            [key: string]: unknown;
                        }[];
                        signed: {
                            payload: string;
                            signatures: {
                                protected: string;
                                signature: string;
                            }[];
                        };
                    };
                };
            };
        };
    };
    getMap: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlantMap"];
                };
            };
        };
    };
    getMissingPhotos: {
        parameters: {
            query?: {
                limit?: number;
                /** @description SHA-256 of the bytes. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MissingPhotoPage"];
                };
            };
        };
    };
    getModels: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Models"];
                };
            };
        };
    };
    deleteModelsByNameByVersion: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelChange"];
                };
            };
        };
    };
    putModelsByNameByVersionFile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                version: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /** @description Hex; the file is refused where it is another. */
                    sha256?: string;
                    /** @description manifest.json; without it the file is read by what it says of itself. */
                    manifest?: string;
                    /** @description `true`: load it at once. */
                    load?: string;
                    /** Format: binary */
                    file: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        sha256: string;
                        warning: string | null;
                        servers: {
                            server_id: string;
                            done: boolean;
                            code: string | null;
                            message: string | null;
                            hint: string | null;
                        }[];
                    };
                };
            };
        };
    };
    postModelsByNameByVersionLoad: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                version: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description Ids of servers; without it all that have the version. */
                    servers?: string[];
                    pin?: boolean;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelChange"];
                };
            };
        };
    };
    putModelsByNameByVersionPin: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                version: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Ids of servers; without it all that have the version. */
                    servers?: string[];
                    pinned: boolean;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelChange"];
                };
            };
        };
    };
    postModelsByNameByVersionPromote: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                version: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rollout"];
                };
            };
        };
    };
    postModelsByNameByVersionRollback: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                version: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rollout"];
                };
            };
        };
    };
    postModelsByNameByVersionRollout: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                version: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    phase?: "shadow" | "canary";
                    percent?: number;
                    auto_promote?: boolean;
                    thresholds?: {
                        /** @description Photos that only the new version fails on. */
                        failed_share_max?: number;
                        /** @description Photos unanswered in time, or found empty. */
                        missing_share_max?: number;
                        /** @description Median time by the stable version’s. */
                        latency_ratio_max?: number;
                        /** @description Plants in all, more or fewer. */
                        drift_max?: number;
                        /** @description Sum of the photos’ differences. */
                        spread_max?: number;
                        samples_min?: number;
                        samples_pass?: number;
                        /** @description Later than this after the other answer, one is missing; in the shadow ten times. */
                        patience_ms?: number;
                    };
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rollout"];
                };
            };
        };
    };
    postModelsByNameByVersionUnload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                version: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description Ids of servers; without it all that have the version. */
                    servers?: string[];
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelChange"];
                };
            };
        };
    };
    getPackagingColors: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PackagingColorPage"];
                };
            };
        };
    };
    postPackagingColors: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code: string;
                    name: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PackagingColor"];
                };
            };
        };
    };
    getPackagingColorsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PackagingColor"];
                };
            };
        };
    };
    patchPackagingColorsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code?: string;
                    name?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PackagingColor"];
                };
            };
        };
    };
    getPackagingMaterials: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PackagingMaterialPage"];
                };
            };
        };
    };
    postPackagingMaterials: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code: string;
                    name: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PackagingMaterial"];
                };
            };
        };
    };
    getPackagingMaterialsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PackagingMaterial"];
                };
            };
        };
    };
    patchPackagingMaterialsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code?: string;
                    name?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PackagingMaterial"];
                };
            };
        };
    };
    getPackagingTypes: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PackagingTypePage"];
                };
            };
        };
    };
    postPackagingTypes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code: string;
                    name: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PackagingType"];
                };
            };
        };
    };
    getPackagingTypesById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PackagingType"];
                };
            };
        };
    };
    patchPackagingTypesById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code?: string;
                    name?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PackagingType"];
                };
            };
        };
    };
    getPackagings: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                packaging_type_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PackagingPage"];
                };
            };
        };
    };
    postPackagings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    sku: string;
                    name: string;
                    packaging_type_id?: string | null;
                    packaging_material_id?: string | null;
                    packaging_color_id?: string | null;
                    volume_l?: number | null;
                    diameter_cm?: number | null;
                    height_cm?: number | null;
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Packaging"];
                };
            };
        };
    };
    getPackagingsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Packaging"];
                };
            };
        };
    };
    deletePackagingsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Packaging"];
                };
            };
        };
    };
    patchPackagingsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    sku?: string;
                    name?: string;
                    packaging_type_id?: string | null;
                    packaging_material_id?: string | null;
                    packaging_color_id?: string | null;
                    volume_l?: number | null;
                    diameter_cm?: number | null;
                    height_cm?: number | null;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Packaging"];
                };
            };
        };
    };
    getPhotoSessions: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                state?: string;
                location_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PhotoSessionPage"];
                };
            };
        };
    };
    getPhotoSessionsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PhotoSession"];
                };
            };
        };
    };
    getPhotos: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                state?: string;
                /** @description One or several, separated by commas. */
                session_state?: string;
                location_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PhotoPage"];
                };
            };
        };
    };
    postPhotos: {
        parameters: {
            query?: {
                /** @description Where the photo was taken: a storage location. */
                location_id?: string;
                /** @description The same by the code on its tag. */
                location_code?: string;
                /** @description RFC 3339; without it the photo’s own EXIF is read. */
                captured_at?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /** Format: binary */
                    photo: string;
                    /** @description Where the photo was taken: a storage location. */
                    location_id?: string;
                    /** @description The same by the code on its tag. */
                    location_code?: string;
                    /** @description RFC 3339; without it the photo’s own EXIF is read. */
                    captured_at?: string;
                };
                "image/*": string;
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Uploaded"];
                };
            };
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Uploaded"];
                };
            };
        };
    };
    postPhotosUpload: {
        parameters: {
            query?: {
                /** @description Where the photo was taken: a storage location. */
                location_id?: string;
                /** @description The same by the code on its tag. */
                location_code?: string;
                /** @description RFC 3339; without it the photo’s own EXIF is read. */
                captured_at?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /** Format: binary */
                    photo: string;
                    /** @description Where the photo was taken: a storage location. */
                    location_id?: string;
                    /** @description The same by the code on its tag. */
                    location_code?: string;
                    /** @description RFC 3339; without it the photo’s own EXIF is read. */
                    captured_at?: string;
                };
                "image/*": string;
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Uploaded"];
                };
            };
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Uploaded"];
                };
            };
        };
    };
    getPhotosByPhotoId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description SHA-256 of the bytes. */
                photo_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Photo"];
                };
            };
        };
    };
    getPhotosByPhotoIdDetections: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description SHA-256 of the bytes. */
                photo_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Detections"];
                };
            };
        };
    };
    putPhotosByPhotoIdLocation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description SHA-256 of the bytes. */
                photo_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    location_id: string;
                } | {
                    location_code: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Photo"];
                };
            };
        };
    };
    getPriceLists: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                packaging_id?: string;
                product_category_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PricePage"];
                };
            };
        };
    };
    postPriceLists: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    packaging_id: string;
                    /** Format: uuid */
                    product_category_id: string;
                    wholesale_unit_price?: number | null;
                    retail_unit_price?: number | null;
                    units_per_box?: number | null;
                    available?: boolean;
                    discount_percent?: number;
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Price"];
                };
            };
        };
    };
    getPriceListsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Price"];
                };
            };
        };
    };
    patchPriceListsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    packaging_id?: string;
                    /** Format: uuid */
                    product_category_id?: string;
                    wholesale_unit_price?: number | null;
                    retail_unit_price?: number | null;
                    units_per_box?: number | null;
                    available?: boolean;
                    discount_percent?: number;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Price"];
                };
            };
        };
    };
    getProductCategories: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProductCategoryPage"];
                };
            };
        };
    };
    postProductCategories: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code: string;
                    name: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProductCategory"];
                };
            };
        };
    };
    getProductCategoriesById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProductCategory"];
                };
            };
        };
    };
    patchProductCategoriesById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code?: string;
                    name?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProductCategory"];
                };
            };
        };
    };
    getProductFamilies: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                product_category_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProductFamilyPage"];
                };
            };
        };
    };
    postProductFamilies: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code: string;
                    name: string;
                    /** Format: uuid */
                    product_category_id: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProductFamily"];
                };
            };
        };
    };
    getProductFamiliesById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProductFamily"];
                };
            };
        };
    };
    patchProductFamiliesById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code?: string;
                    name?: string;
                    /** Format: uuid */
                    product_category_id?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProductFamily"];
                };
            };
        };
    };
    getProductSizes: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProductSizePage"];
                };
            };
        };
    };
    postProductSizes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code: string;
                    name: string;
                    height_cm_min?: number | null;
                    height_cm_max?: number | null;
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProductSize"];
                };
            };
        };
    };
    getProductSizesById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProductSize"];
                };
            };
        };
    };
    patchProductSizesById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code?: string;
                    name?: string;
                    height_cm_min?: number | null;
                    height_cm_max?: number | null;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProductSize"];
                };
            };
        };
    };
    getProductStates: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProductStatePage"];
                };
            };
        };
    };
    postProductStates: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code: string;
                    name: string;
                    sellable: boolean;
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProductState"];
                };
            };
        };
    };
    getProductStatesById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProductState"];
                };
            };
        };
    };
    patchProductStatesById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code?: string;
                    name?: string;
                    sellable?: boolean;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProductState"];
                };
            };
        };
    };
    getProducts: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                product_family_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProductPage"];
                };
            };
        };
    };
    postProducts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    sku: string;
                    common_name: string;
                    scientific_name?: string | null;
                    /** Format: uuid */
                    product_family_id: string;
                    attributes?: {
                        [key: string]: unknown;
                    };
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Product"];
                };
            };
        };
    };
    getProductsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Product"];
                };
            };
        };
    };
    deleteProductsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Product"];
                };
            };
        };
    };
    patchProductsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    sku?: string;
                    common_name?: string;
                    scientific_name?: string | null;
                    /** Format: uuid */
                    product_family_id?: string;
                    attributes?: {
                        [key: string]: unknown;
                    };
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Product"];
                };
            };
        };
    };
    getReprocessings: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReprocessingPage"];
                };
            };
        };
    };
    getReprocessingsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reprocessing"];
                };
            };
        };
    };
    postReprocessingsByIdCancel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reprocessing"];
                };
            };
        };
    };
    postReprocessingsByIdPause: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reprocessing"];
                };
            };
        };
    };
    postReprocessingsByIdResume: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reprocessing"];
                };
            };
        };
    };
    getRollouts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rollouts"];
                };
            };
        };
    };
    getRolloutsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rollout"];
                };
            };
        };
    };
    getRuns: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                /** @description SHA-256 of the bytes. */
                photo_id?: string;
                state?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunPage"];
                };
            };
        };
    };
    getRunsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uuid */
                        id: string;
                        /** @description SHA-256 of the bytes. */
                        photo_id: string;
                        state: string;
                        detected: number | null;
                        counts: {
                            [key: string]: number;
                        } | null;
                        capped: boolean;
                        provider: string | null;
                        server_id: string | null;
                        timings: {
                            [key: string]: number;
                        } | null;
                        tiles: number | null;
                        counted_long_side_px: number | null;
                        pipeline: {
                            digest: string;
                            /** @description Of several that count together: their names, with commas. */
                            model: string;
                            /** @description Likewise. */
                            version: string;
                            models: {
                                name: string;
                                version: string;
                            }[];
                        };
                        rollout: string | null;
                        /** Format: date-time */
                        created_at: string;
                        started_at: string | null;
                        completed_at: string | null;
                        attempts: {
                            server_id: string;
                            code: string;
                            message: string;
                            /** Format: date-time */
                            at: string;
                        }[];
                    };
                };
            };
        };
    };
    getRunsByIdDetections: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Detections"];
                };
            };
        };
    };
    getStandIns: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StandInPage"];
                };
            };
        };
    };
    getStandInsByEdgeIdByPhotoIdThumbnail: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                edge_id: string;
                /** @description SHA-256 of the bytes. */
                photo_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    getStockBatches: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                location_id?: string;
                product_id?: string;
                code?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BatchPage"];
                };
            };
        };
    };
    postStockBatches: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    product_id: string;
                    /** Format: uuid */
                    location_id: string;
                    quantity: number;
                    batch_code?: string;
                    product_state_id?: string | null;
                    product_size_id?: string | null;
                    packaging_id?: string | null;
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Batch"];
                };
            };
        };
    };
    getStockBatchesById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Batch"];
                };
            };
        };
    };
    getStockCheck: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        batches: number;
                        movements: number;
                        disagreeing: {
                            /** Format: uuid */
                            batch_id: string;
                            code: string;
                            quantity_current: number;
                            sum_of_movements: number;
                        }[];
                    };
                };
            };
        };
    };
    getStockMovements: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                batch_id?: string;
                photo_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MovementPage"];
                };
            };
        };
    };
    postStockMovements: {
        parameters: {
            query?: never;
            header?: {
                /** @description Sent again with the same key, it is written once, and answered by 200. */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    batch_id: string;
                    kind: "plant" | "sow" | "death" | "sale" | "adjustment" | "transplant";
                    quantity: number;
                    reason?: string;
                    /** Format: date-time */
                    occurred_at?: string;
                    /** Format: uuid */
                    to_location_id?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WrittenMovement"];
                };
            };
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WrittenMovement"];
                };
            };
        };
    };
    deleteStockMovementsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WrittenMovement"];
                };
            };
        };
    };
    getStockProposals: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                state?: "open" | "confirmed" | "rejected" | "superseded";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProposalPage"];
                };
            };
        };
    };
    postStockProposalsByIdConfirm: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Proposal"];
                };
            };
        };
    };
    postStockProposalsByIdReject: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Proposal"];
                };
            };
        };
    };
    getStorageAreas: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                code?: string;
                parent_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StorageAreaPage"];
                };
            };
        };
    };
    postStorageAreas: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code: string;
                    name: string;
                    /** Format: uuid */
                    warehouse_id: string;
                    position?: ("N" | "S" | "E" | "W" | "C") | null;
                    polygon: components["schemas"]["Polygon"];
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StorageArea"];
                };
            };
        };
    };
    getStorageAreasById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StorageArea"];
                };
            };
        };
    };
    deleteStorageAreasById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StorageArea"];
                };
            };
        };
    };
    patchStorageAreasById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code?: string;
                    name?: string;
                    /** Format: uuid */
                    warehouse_id?: string;
                    position?: ("N" | "S" | "E" | "W" | "C") | null;
                    polygon?: components["schemas"]["Polygon"];
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StorageArea"];
                };
            };
        };
    };
    getStorageBinTypes: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BinTypePage"];
                };
            };
        };
    };
    postStorageBinTypes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code: string;
                    name: string;
                    kind: "plug_tray" | "seedling_tray" | "box" | "segment" | "pot";
                    rows?: number | null;
                    columns?: number | null;
                    capacity?: number | null;
                    length_cm?: number | null;
                    width_cm?: number | null;
                    height_cm?: number | null;
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BinType"];
                };
            };
        };
    };
    getStorageBinTypesById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BinType"];
                };
            };
        };
    };
    patchStorageBinTypesById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code?: string;
                    name?: string;
                    kind?: "plug_tray" | "seedling_tray" | "box" | "segment" | "pot";
                    rows?: number | null;
                    columns?: number | null;
                    capacity?: number | null;
                    length_cm?: number | null;
                    width_cm?: number | null;
                    height_cm?: number | null;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BinType"];
                };
            };
        };
    };
    getStorageBins: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                storage_location_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BinPage"];
                };
            };
        };
    };
    postStorageBins: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code: string;
                    /** Format: uuid */
                    storage_location_id: string;
                    /** Format: uuid */
                    storage_bin_type_id: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Bin"];
                };
            };
        };
    };
    getStorageBinsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Bin"];
                };
            };
        };
    };
    deleteStorageBinsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Bin"];
                };
            };
        };
    };
    patchStorageBinsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code?: string;
                    /** Format: uuid */
                    storage_location_id?: string;
                    /** Format: uuid */
                    storage_bin_type_id?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Bin"];
                };
            };
        };
    };
    getStorageLocations: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                code?: string;
                parent_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StorageLocationPage"];
                };
            };
        };
    };
    postStorageLocations: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code: string;
                    name: string;
                    /** Format: uuid */
                    storage_area_id: string;
                    polygon: components["schemas"]["Polygon"];
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StorageLocation"];
                };
            };
        };
    };
    getStorageLocationsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StorageLocation"];
                };
            };
        };
    };
    deleteStorageLocationsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StorageLocation"];
                };
            };
        };
    };
    patchStorageLocationsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code?: string;
                    name?: string;
                    /** Format: uuid */
                    storage_area_id?: string;
                    polygon?: components["schemas"]["Polygon"];
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StorageLocation"];
                };
            };
        };
    };
    getStorageLocationsByIdConfig: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlaceConfig"];
                };
            };
        };
    };
    putStorageLocationsByIdConfig: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PlaceConfigChange"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlaceConfig"];
                };
            };
        };
    };
    getSystemMemoryProfile: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemoryProfile"];
                };
            };
        };
    };
    getSystemMesh: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Mesh"];
                };
            };
        };
    };
    getSystemModels: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Models"];
                };
            };
        };
    };
    getSystemVram: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Vram"];
                };
            };
        };
    };
    getWarehouses: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
                code?: string;
                parent_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WarehousePage"];
                };
            };
        };
    };
    postWarehouses: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code: string;
                    name: string;
                    kind: "greenhouse" | "shadehouse" | "open_field" | "tunnel";
                    /** @description IANA, e.g. Europe/Madrid. */
                    timezone: string;
                    polygon: components["schemas"]["Polygon"];
                };
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Warehouse"];
                };
            };
        };
    };
    getWarehousesById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Warehouse"];
                };
            };
        };
    };
    deleteWarehousesById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Warehouse"];
                };
            };
        };
    };
    patchWarehousesById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    code?: string;
                    name?: string;
                    kind?: "greenhouse" | "shadehouse" | "open_field" | "tunnel";
                    /** @description IANA, e.g. Europe/Madrid. */
                    timezone?: string;
                    polygon?: components["schemas"]["Polygon"];
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Warehouse"];
                };
            };
        };
    };
    getRootHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    getRootHealthLive: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        status: string;
                    };
                };
            };
        };
    };
    getRootHealthReady: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        status: string;
                        accepts_photos: boolean;
                    };
                };
            };
        };
    };
}
