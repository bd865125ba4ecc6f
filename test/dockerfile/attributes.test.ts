// Extended attributes that commands set: BuildKit exports a tree with all of them, as KraftKit has it
// do, and an image with few.

import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

import { openArchive } from "../../src/format/archive-bytes.ts";
import { packOciLayer } from "../../src/layer/oci-layer.ts";
import { daemonPath, openDaemon } from "./buildkit-daemon.ts";
import { listed, openCases } from "./case-rig.ts";

const program = `#include <string.h>
#include <sys/xattr.h>
int main(int count, char **words) {
  return count != 4 || setxattr(words[1], words[2], words[3], strlen(words[3]), 0) != 0;
}
`;
const text = `FROM scratch AS made
COPY busybox /bin/busybox
COPY busybox /bin/sh
COPY note /bin/note
WORKDIR /w
RUN /bin/busybox mkdir d && echo 1 > f && echo 2 > d/f && note f user.one 1 && note d user.two 2
RUN echo 3 >> f && /bin/busybox ln f hard
FROM scratch
COPY --from=made /w/ /all/
COPY --from=made --chmod=600 /w/f /one
`;
const expected = [
  "all directory 0755 0:0",
  "all/d directory 0755 0:0 user.two=32",
  'all/d/f file 0644 0:0 "2\\n"',
  'all/f file 0644 0:0 "1\\n3\\n" user.one=31',
  "all/hard file 0644 0:0 is all/f user.one=31",
  'one file 0600 0:0 "1\\n3\\n" user.one=31',
];
const plain = expected.map((line) => line.replace(/ user\.\w+=\d+/, ""));

const place = openCases((context) => {
  copyFileSync("/bin/busybox", join(context, "busybox"));
  execFileSync("gcc", ["-static", "-x", "c", "-o", join(context, "note"), "-"], { input: program });
});
const daemon = openDaemon();
afterAll(() => {
  daemon.close();
  place.close();
});

test("a tree has the attributes that commands set, and an image has not", async () => {
  expect(await place.embedded("own", text)).toEqual(expected);
  const tar = join(place.root, ".kraft/out/app/rootfs/own/rootfs.tar");
  expect(existsSync(tar)).toBe(true);
  const archive = openArchive(tar, "tree");
  const layer = join(place.root, "layer.tar");
  writeFileSync(layer, Buffer.concat([...packOciLayer(archive)]));
  archive.close();
  expect(listed(layer)).toEqual(plain);
});

const reason = daemon.kind === "running" ? "" : `: ${daemon.reason}`;
describe.skipIf(daemon.kind === "absent")(`as BuildKit has it${reason}`, () => {
  const address = daemon.kind === "running" ? daemon.address : "";

  test("a tree has the attributes that commands set", () => {
    const file = join(place.root, "dockerfile");
    mkdirSync(file);
    writeFileSync(join(file, "Dockerfile"), text);
    const tar = join(place.root, "exported.tar");
    const words = `--addr ${address} build --frontend dockerfile.v0 --output type=tar,dest=${tar}`;
    const local = [`context=${join(place.root, "context")}`, `dockerfile=${file}`];
    const given = local.flatMap((one) => ["--local", one]);
    execFileSync("buildctl", [...words.split(" "), ...given], {
      env: { PATH: daemonPath },
      stdio: "pipe",
    });
    expect(listed(tar)).toEqual(expected);
    rmSync(tar);
  });

  test("an image has none of them", async () => {
    const how = { builder: "buildctl", buildkit: address } as const;
    expect(await place.embedded("image", text, how)).toEqual(plain);
  });
});
