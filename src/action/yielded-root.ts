// The root of a yielded command, from its JSON.

import type { ImageMount, ImageRoot, MountedTree } from "./image-root.ts";
import { isExecPath } from "./exec-path.ts";
import type { StrictValue } from "./strict-json.ts";

/** The root of a command in `value`; refuses what is none. */
export function readImageRoot(value: StrictValue): ImageRoot {
  const own = value.object(["layers", "user", "directory", "isPrivileged", "mounts"]);
  return {
    layers: readLayers(own.required("layers")),
    user: own.required("user").text(),
    directory: readTarget(own.required("directory")),
    isPrivileged: own.required("isPrivileged").boolean(),
    mounts: own.required("mounts").list(readMount),
  };
}

function readMount(value: StrictValue): ImageMount {
  const kind = new Map(value.fields()).get("kind")?.text();
  switch (kind) {
    case "bind": {
      const own = value.object(["kind", "target", "layers", "source", "isWritable"]);
      return {
        kind,
        target: readTarget(own.required("target")),
        layers: readLayers(own.required("layers")),
        source: readTarget(own.required("source")),
        isWritable: own.required("isWritable").boolean(),
      };
    }
    case "cache":
      return readCache(value);
    case "tmpfs": {
      const own = value.object(["kind", "target", "sizeBytes"]);
      const sizeBytes = own.optional("sizeBytes")?.count();
      const target = readTarget(own.required("target"));
      return { kind, target, ...(sizeBytes !== undefined && { sizeBytes }) };
    }
    case "secret":
      return readSecret(value);
    case "ssh": {
      const own = value.object(["kind", "id", "target", "isRequired"]);
      return {
        kind,
        id: own.required("id").name(),
        target: readTarget(own.required("target")),
        isRequired: own.required("isRequired").boolean(),
      };
    }
    case "text": {
      const own = value.object(["kind", "target", "text"]);
      return {
        kind,
        target: readTarget(own.required("target")),
        text: own.required("text").text(),
      };
    }
    default:
      return value.refuse("is of no known kind");
  }
}

function readCache(value: StrictValue): ImageMount {
  const keys = ["kind", "target", "id", "sharing", "mode", "uid", "gid", "isWritable"] as const;
  const own = value.object([...keys, "base"]);
  const base = own.optional("base");
  const written = own.required("sharing").text();
  const sharing = (["shared", "private", "locked"] as const).find((one) => one === written);
  return {
    kind: "cache",
    target: readTarget(own.required("target")),
    id: own.required("id").name(),
    sharing: sharing ?? own.required("sharing").refuse("is no way to share"),
    mode: readMode(own.required("mode")),
    uid: own.required("uid").count(),
    gid: own.required("gid").count(),
    isWritable: own.required("isWritable").boolean(),
    ...(base !== undefined && { base: readMountedTree(base) }),
  };
}

function readMountedTree(value: StrictValue): MountedTree {
  const own = value.object(["layers", "source"]);
  return {
    layers: readLayers(own.required("layers")),
    source: readTarget(own.required("source")),
  };
}

function readSecret(value: StrictValue): ImageMount {
  const keys = ["kind", "id", "target", "variable", "mode", "uid", "gid", "isRequired"] as const;
  const own = value.object(keys);
  const target = own.optional("target");
  const variable = own.optional("variable")?.name();
  return {
    kind: "secret",
    id: own.required("id").name(),
    ...(target !== undefined && { target: readTarget(target) }),
    ...(variable !== undefined && { variable }),
    mode: readMode(own.required("mode")),
    uid: own.required("uid").count(),
    gid: own.required("gid").count(),
    isRequired: own.required("isRequired").boolean(),
  };
}

function readLayers(value: StrictValue): string[] {
  return value.list((item) => {
    const path = item.text();
    return isExecPath(path) ? path : item.refuse("is no path in an input root");
  });
}

function readTarget(value: StrictValue): string {
  const path = value.text();
  const isPlain = path.startsWith("/") && !path.split("/").includes("..") && !path.includes("\0");
  return isPlain ? path : value.refuse("is no absolute path");
}

function readMode(value: StrictValue): string {
  const mode = value.text();
  return /^[0-7]{1,5}$/.test(mode) ? mode : value.refuse("is no mode");
}
