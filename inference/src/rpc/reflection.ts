import { fileURLToPath } from 'node:url';
import { packageDefinition, reflectable } from '@demeter/proto';
import type { Server } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { protoPath as healthProto } from 'grpc-health-check';

/** Reflection over what this server offers, health and reflection itself included. */
export function addReflection(server: Server, services: readonly string[]): void {
  const own = new URL('../proto/grpc/reflection/', import.meta.resolve('@grpc/reflection'));
  const files = ['v1', 'v1alpha'].map((v) => fileURLToPath(new URL(`${v}/reflection.proto`, own)));
  const standard = loadSync([healthProto, ...files], { keepCase: true, longs: String });
  const offered = [
    ...services,
    'grpc.health.v1.Health',
    'grpc.reflection.v1.ServerReflection',
    'grpc.reflection.v1alpha.ServerReflection',
  ];
  const everything = { ...packageDefinition, ...reflectable(standard) };
  new ReflectionService(everything, { services: offered }).addToServer(server);
}
