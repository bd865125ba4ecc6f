// src/remote/remote-cache.proto as protobuf-es takes it: nothing of our codecs takes part.

import { create, createFileRegistry, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { readFileSync } from "node:fs";

const source = readFileSync(
  new URL("../../src/remote/remote-cache.proto", import.meta.url),
  "utf8",
).replaceAll(/\/\/.*/g, "");

/** `fields` as the message `name`, encoded by protobuf-es. */
export function encodeByProto(name: string, fields: Readonly<Record<string, unknown>>): Buffer {
  const message = messageOf(name);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema exists at run time
  return Buffer.from(toBinary(message, create(message, fields as never)));
}

/** What protobuf-es reads in `bytes` as the message `name`. */
export function decodeByProto(name: string, bytes: Uint8Array): Readonly<Record<string, unknown>> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema exists at run time
  return fromBinary(messageOf(name), bytes) as unknown as Readonly<Record<string, unknown>>;
}

/** The numbers of the fields of each message, by name. */
export function fieldsByMessage(): Map<string, ReadonlyMap<string, number>> {
  const messages = messagesIn(source).map(({ name, field }) => {
    return [name, new Map(field.map((one) => [one.name, one.number]))] as const;
  });
  return new Map(messages);
}

const scalars = new Map([
  ["string", FieldDescriptorProto_Type.STRING],
  ["bytes", FieldDescriptorProto_Type.BYTES],
  ["bool", FieldDescriptorProto_Type.BOOL],
  ["int32", FieldDescriptorProto_Type.INT32],
  ["int64", FieldDescriptorProto_Type.INT64],
]);

function messagesIn(text: string) {
  return [...text.matchAll(/message (\w+) \{([^}]*)\}/g)].map(([, name = "", body = ""]) => ({
    name,
    field: [...body.matchAll(/(repeated )?(\w+) (\w+) = (\d+);/g)].map(fieldOf),
  }));
}

function fieldOf([, repeated, type = "", name = "", number = ""]: RegExpMatchArray) {
  const label =
    repeated === undefined
      ? FieldDescriptorProto_Label.OPTIONAL
      : FieldDescriptorProto_Label.REPEATED;
  const jsonName = name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  const field = { name, number: Number(number), label, jsonName };
  const scalar = scalars.get(type);
  if (scalar !== undefined) return { ...field, type: scalar };
  return { ...field, type: FieldDescriptorProto_Type.MESSAGE, typeName: `.remote.${type}` };
}

const registry = createFileRegistry(
  create(FileDescriptorSetSchema, {
    file: [
      create(FileDescriptorProtoSchema, {
        name: "remote-cache.proto",
        package: "remote",
        syntax: "proto3",
        messageType: messagesIn(source),
      }),
    ],
  }),
);

function messageOf(name: string) {
  const message = registry.getMessage(`remote.${name}`);
  if (message === undefined) throw new Error(`the schema has no message ${name}`);
  return message;
}
