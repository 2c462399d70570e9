#!/bin/sh
# Makes what must differ between installations, once: passwords, keys and gRPC certificates, in the
# volume at /run/demeter. What is there already stays. Each part sources its own file of settings.
set -eu
cd /run/demeter
umask 077

make() { [ -s "$1" ] || openssl rand -hex 24 > "$1"; }
for name in postgres-password s3-access-key s3-secret-key jwt-secret grpc-token; do make "$name"; done

if [ ! -s ca.pem ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 \
    -subj '/CN=Demeter installation' -keyout ca-key.pem -out ca.pem
fi
# One certificate for each part, for serving and for dialling.
certificate() {
  [ -s "$1.pem" ] && return 0
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
    -subj "/CN=$1" -keyout "$1-key.pem" -out "$1.csr"
  printf 'subjectAltName=DNS:%s,DNS:localhost\nextendedKeyUsage=serverAuth,clientAuth\n' "$1" > "$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 825 \
    -extfile "$1.ext" -out "$1.pem"
  rm "$1.csr" "$1.ext"
}
certificate core
certificate inference

cat > core.env <<END
DATABASE_URL=postgresql://demeter:$(cat postgres-password)@db:5432/demeter
AWS_ACCESS_KEY_ID=$(cat s3-access-key)
AWS_SECRET_ACCESS_KEY=$(cat s3-secret-key)
JWT_SECRET_KEY=$(cat jwt-secret)
DEMETER_GRPC_TOKEN=$(cat grpc-token)
END
cat > inference.env <<END
DEMETER_GRPC_TOKEN=$(cat grpc-token)
END
cat > edge-store.env <<END
DEMETER_EDGE_STORE_ACCESS_KEY=$(cat s3-access-key)
DEMETER_EDGE_STORE_SECRET_KEY=$(cat s3-secret-key)
END
# MinIO and PostgreSQL read their files as other users than root.
chmod 755 . && chmod 644 postgres-password s3-access-key s3-secret-key ./*.env ./*.pem
chmod 600 ca-key.pem
