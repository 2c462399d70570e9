#!/bin/sh
# with-settings.sh PART COMMAND…: runs the command with the part's secrets in its environment.
set -eu
part="$1"
shift
set -a
. "/run/demeter/$part.env"
set +a
exec "$@"
