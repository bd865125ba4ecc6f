import { expect, test } from "vitest";

import type { ImageMount } from "../../src/action/image-root.ts";
import { imageLine } from "../../src/sandbox/image-run.ts";

test("each cache that a command has to itself is locked by a descriptor of its own", () => {
  const line = lineWith(["locked", "shared", "private", "locked", "locked", "locked"]);
  const descriptors = [...line.matchAll(/flock (\d)/g)].map(([, one]) => one);
  expect(descriptors).toEqual(["5", "6", "7", "8", "9"]);
});

test("a command cannot have more caches to itself than shells have descriptors", () => {
  const six = Array.from({ length: 6 }, () => "locked" as const);
  expect(lineWith(six)).toBe("a RUN can have 5 caches to itself, and not more: share some of them");
});

function lineWith(sharings: readonly ("shared" | "locked" | "private")[]): string {
  const mounts = sharings.map((sharing, i): ImageMount => {
    const place = { id: `cache${i}`, target: `/cache${i}` };
    return { kind: "cache", ...place, sharing, mode: "0755", uid: 0, gid: 0, isWritable: true };
  });
  const root = { layers: [], user: "", directory: "/", isPrivileged: false, mounts };
  const line = imageLine(
    { root, argv: ["true"], env: {}, network: false, output: "o.layer", layerNames: new Map() },
    { layers: "/layers", caches: "/caches", secrets: new Map(), sshAgent: undefined },
  );
  return typeof line === "string" ? line : line.join(" ");
}
