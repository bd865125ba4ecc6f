import {
  type DescMessage,
  type MessageInitShape,
  create,
  createFileRegistry,
  fromBinary,
  toBinary,
} from "@bufbuild/protobuf";
import {
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";

/**
 * The messages of REAPI v2 that a key and a result are made of, a line each: `name number type`,
 * with a `*` for a repeated field. Source: remote_execution.proto.
 */
const schema = `
  Digest: hash 1 string, size_bytes 2 int64
  Int: value 1 uint32
  Span: seconds 1 int64, nanos 2 int32
  Any: type_url 1 string, value 2 bytes
  StringValue: value 1 string
  NodeProperty: name 1 string, value 2 string
  NodeProperties: properties 1 *NodeProperty, mtime 2 Span, unix_mode 3 Int
  FileNode: name 1 string, digest 2 Digest, is_executable 4 bool, node_properties 6 NodeProperties
  DirectoryNode: name 1 string, digest 2 Digest
  SymlinkNode: name 1 string, target 2 string, node_properties 4 NodeProperties
  Directory: files 1 *FileNode, directories 2 *DirectoryNode, symlinks 3 *SymlinkNode, node_properties 5 NodeProperties
  Tree: root 1 Directory, children 2 *Directory
  Property: name 1 string, value 2 string
  Platform: properties 1 *Property
  Command: arguments 1 *string, environment_variables 2 *Property, output_files 3 *string, output_directories 4 *string, platform 5 Platform, working_directory 6 string, output_paths 7 *string, output_node_properties 8 *string
  Action: command_digest 1 Digest, input_root_digest 2 Digest, timeout 6 Span, do_not_cache 7 bool, salt 9 bytes, platform 10 Platform
  OutputFile: path 1 string, digest 2 Digest, is_executable 4 bool, contents 5 bytes, node_properties 7 NodeProperties
  OutputDirectory: path 1 string, tree_digest 3 Digest, is_topologically_sorted 4 bool, root_directory_digest 5 Digest
  OutputSymlink: path 1 string, target 2 string, node_properties 4 NodeProperties
  ExecutedActionMetadata: worker 1 string, queued 2 Span, execution_start 7 Span, execution_completed 8 Span, auxiliary_metadata 11 *Any, virtual_execution_duration 12 Span
  ActionResult: output_files 2 *OutputFile, output_directories 3 *OutputDirectory, exit_code 4 int32, stdout_raw 5 bytes, stdout_digest 6 Digest, stderr_raw 7 bytes, stderr_digest 8 Digest, execution_metadata 9 ExecutedActionMetadata, output_file_symlinks 10 *OutputSymlink, output_directory_symlinks 11 *OutputSymlink, output_symlinks 12 *OutputSymlink
`;

/** What a field may be, as protobuf-es takes it. */
export type Fields = MessageInitShape<DescMessage> & Readonly<Record<string, unknown>>;

/** `fields` as the message `name`, encoded by protobuf-es: nothing of ours takes part. */
export function encodeByProtobufEs(name: string, fields: Readonly<Record<string, unknown>>) {
  const message = messageOf(name);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema exists at run time
  return toBinary(message, create(message, fields as Fields));
}

/** Whether protobuf-es can read `bytes` as the message `name`. */
export function isReadByProtobufEs(name: string, bytes: Uint8Array): boolean {
  try {
    fromBinary(messageOf(name), bytes);
    return true;
  } catch {
    return false;
  }
}

/** What protobuf-es reads in `bytes` as the message `name`. */
export function decodeByProtobufEs(name: string, bytes: Uint8Array) {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema exists at run time
  return fromBinary(messageOf(name), bytes) as unknown as Readonly<Record<string, unknown>>;
}

/** `bytes` as the message `name`, decoded and encoded again by protobuf-es. */
export function reencodedByProtobufEs(name: string, bytes: Uint8Array): Uint8Array {
  const message = messageOf(name);
  return toBinary(message, fromBinary(message, bytes));
}

function messageOf(name: string): DescMessage {
  const message = registry.getMessage(`reapi.${name}`);
  if (message === undefined) throw new Error(`the schema has no message ${name}`);
  return message;
}

function fileOf(lines: readonly string[]): FileDescriptorProto {
  const messageType = lines.map((line) => {
    const [name = "", fields = ""] = line.trim().split(": ");
    return { name, field: fields.split(", ").map(fieldOf) };
  });
  return create(FileDescriptorProtoSchema, {
    name: "reapi.proto",
    package: "reapi",
    syntax: "proto3",
    messageType,
  });
}

function fieldOf(text: string) {
  const [name = "", number = "", repeatedType = ""] = text.split(" ");
  const type = repeatedType.replace("*", "");
  const label =
    type === repeatedType
      ? FieldDescriptorProto_Label.OPTIONAL
      : FieldDescriptorProto_Label.REPEATED;
  const jsonName = name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  const field = { name, number: Number(number), label, jsonName };
  const scalar = scalars.get(type);
  if (scalar !== undefined) return { ...field, type: scalar };
  return { ...field, type: FieldDescriptorProto_Type.MESSAGE, typeName: `.reapi.${type}` };
}

const scalars = new Map([
  ["string", FieldDescriptorProto_Type.STRING],
  ["bytes", FieldDescriptorProto_Type.BYTES],
  ["bool", FieldDescriptorProto_Type.BOOL],
  ["int32", FieldDescriptorProto_Type.INT32],
  ["int64", FieldDescriptorProto_Type.INT64],
  ["uint32", FieldDescriptorProto_Type.UINT32],
]);

const registry = createFileRegistry(
  create(FileDescriptorSetSchema, { file: [fileOf(schema.trim().split("\n"))] }),
);
