// A build by Bazel's client on Bazel's own server, and what that keeps of it. Knows no test.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { openBazel } from "../query/bazel-client.ts";
import { startRemoteWorker } from "../remote/live-server.ts";

/** What its actions read, by path. */
export const inputs = {
  "in/one": "1\n",
  "in/deep/two": "2\n",
  "in/deep/er/three": "3\n",
  "in/Zero": "0\n",
};

const files = {
  ...inputs,
  WORKSPACE: "",
  BUILD: `load(":tree.bzl", "tree")
tree(name = "tree", srcs = glob(["in/**"]))
genrule(
    name = "text",
    srcs = glob(["in/**"]),
    outs = ["text.txt", "greeting.txt"],
    cmd = "cat $(SRCS) > $(location text.txt); echo $$GREETING > $(location greeting.txt)",
)
`,
  "tree.bzl": `def _impl(ctx):
    out = ctx.actions.declare_directory("tree")
    ctx.actions.run_shell(
        inputs = ctx.files.srcs,
        outputs = [out],
        env = {"TO": out.path, "GREETING": "hello", "A": "", "a": "é"},
        command = "cp -r in/deep $TO && mkdir -p $TO/a/b && touch $TO/a/none && chmod -x $TO/a/none && echo $A",
    )
    return [DefaultInfo(files = depset([out]))]

tree = rule(implementation = _impl, attrs = {"srcs": attr.label_list(allow_files = True)})
`,
};

/** Blobs, and results, by the hashes that the server has them by. */
export interface KeptByBazel {
  readonly blobs: ReadonlyMap<string, Buffer>;
  readonly results: ReadonlyMap<string, Buffer>;
}

/** Builds two actions there: one makes a directory, the other one files. */
export async function builtByBazel(): Promise<KeptByBazel> {
  const server = await startRemoteWorker();
  const bazel = openBazel(files);
  try {
    const words = [
      `--remote_executor=grpc://127.0.0.1:${server.grpc}`,
      "--remote_default_exec_properties=OSFamily=linux",
      "--remote_default_exec_properties=ISA=x86-64",
      "--action_env=GREETING=hi",
      "--noshow_progress",
    ];
    const printed = bazel.run("build", "//...", ...words);
    if (!printed.includes("2 remote")) throw new Error(printed);
    return {
      blobs: readKept(join(server.directory, "cas")),
      results: readKept(join(server.directory, "ac")),
    };
  } finally {
    bazel.close();
    await server.stop();
  }
}

function readKept(directory: string): Map<string, Buffer> {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true });
  const kept = files.filter((entry) => entry.isFile());
  return new Map(kept.map(({ name, parentPath }) => [name, readFileSync(join(parentPath, name))]));
}
