import type { PackageDefinition } from '@grpc/proto-loader';
import descriptor, {
  type IDescriptorProto,
  type IFileDescriptorProto,
} from 'protobufjs/ext/descriptor';

/**
 * The definition with the descriptors that reflection hands out mended: protobufjs calls the entry
 * of a map `Field` instead of `FieldEntry`, which makes the whole file invalid to Go's clients.
 */
export function reflectable(definition: PackageDefinition): PackageDefinition {
  const mended = new Map<Buffer, Buffer>();
  const mend = (bytes: Buffer) => {
    const found = mended.get(bytes) ?? mendFile(bytes);
    mended.set(bytes, found);
    return found;
  };
  const entries = Object.entries(definition).map(([name, entry]) => {
    const { fileDescriptorProtos: files } = entry;
    return [
      name,
      Array.isArray(files) ? { ...entry, fileDescriptorProtos: files.map(mend) } : entry,
    ];
  });
  return Object.fromEntries(entries);
}

function mendFile(bytes: Buffer): Buffer {
  const { FileDescriptorProto } = descriptor;
  const file = FileDescriptorProto.decode(bytes) as IFileDescriptorProto;
  for (const message of file.messageType ?? []) nameMapEntries(message);
  return Buffer.from(FileDescriptorProto.encode(file).finish());
}

function nameMapEntries({ field = [], nestedType = [] }: IDescriptorProto): void {
  for (const nested of nestedType) {
    const of = nested.options?.mapEntry && field.find((each) => each.typeName === nested.name);
    if (of) of.typeName = nested.name = `${toPascal(of.name ?? '')}Entry`;
    else nameMapEntries(nested);
  }
}

function toPascal(name: string): string {
  return name.replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
