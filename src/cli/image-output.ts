// What `pkg --output` says: how a list is written, or where an image goes.

/** A place for an image. */
export interface ImageOutput {
  readonly format: "oci" | "oci-archive" | "docker-archive";
  /** Relative to the working directory. */
  readonly path: string;
}

const rowForms = ["table", "json", "ndjson"] as const;

/** `FORMAT:PATH`; a path alone is an OCI image layout, or an archive of one when it ends in `.tar`. */
export function imageOutputOf(text: string): ImageOutput {
  const [, format, path] = /^(oci|oci-archive|docker-archive):(.+)$/s.exec(text) ?? [];
  if (path === undefined) {
    return { format: text.endsWith(".tar") ? "oci-archive" : "oci", path: text };
  }
  return { format: format as ImageOutput["format"], path };
}

/** What `--output` is for a verb of `pkg`. */
export type PkgOutput =
  | { readonly kind: "rows"; readonly form: (typeof rowForms)[number] }
  | { readonly kind: "image"; readonly saveTo: ImageOutput }
  /** Why it cannot be. */
  | { readonly kind: "refused"; readonly problem: string };

/** `text` for what `what` does: a list, an image that is written, or neither. */
export function pkgOutputOf(
  text: string | undefined,
  what: "lists" | "images" | "neither",
): PkgOutput {
  const form = rowForms.find((one) => one === (text ?? "table"));
  if (text === undefined || (form !== undefined && what !== "images")) {
    return { kind: "rows", form: form ?? "table" };
  }
  if (what === "images" && form === undefined && text !== "") {
    return { kind: "image", saveTo: imageOutputOf(text) };
  }
  const known =
    what === "images"
      ? "an image goes to oci:DIR, oci-archive:FILE or docker-archive:FILE"
      : "it is table, json or ndjson, and for packages and export, where the image goes";
  return { kind: "refused", problem: `--output ${text}: ${known}` };
}
