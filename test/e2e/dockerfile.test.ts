import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { expect, test } from "vitest";

import { overlayObstacle } from "./overlay-obstacle.ts";
import { rig, temporaryDirectory } from "./rig.ts";

const kraftfile = "spec: v0.6\nname: app\nruntime: kernel://kernel\nrootfs: ./Dockerfile\n";

/** A package whose root file system is built from `dockerfile`. */
function dockerfileRig(dockerfile: string, files: Readonly<Record<string, string>> = {}) {
  const made = rig({
    "kraft.workspace.yaml": "version: 1\n",
    "app/Kraftfile": kraftfile,
    "app/kernel": "kernel",
    "app/Dockerfile": dockerfile,
    ...Object.fromEntries(Object.entries(files).map(([path, text]) => [`app/${path}`, text])),
  });
  copyFileSync("/bin/busybox", made.path("app/busybox"));
  return made;
}

/** What `cpio` lists of the archive at `path`: mode, size and name of each entry. */
function listed(path: string): string[] {
  const text = execFileSync("sh", ["-c", 'cpio -tvn --quiet < "$1"', "sh", path], {
    encoding: "utf8",
  });
  return text
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/\s+/))
    .map(([mode, , , , size, , , , ...name]) => `${mode} ${size} ${name.join(" ")}`);
}

const archive = ".kraft/out/app/rootfs-x86_64/initramfs-x86_64.cpio";

/** As events name the action that makes it. */
const packed = "app/rootfs-x86_64/initramfs-x86_64.cpio";

test("files are copied as they are, through links of the tree, and an edit runs what it must", async () => {
  const { build, write, root } = dockerfileRig(
    `FROM scratch AS build
COPY *.c /src/
COPY tree /usr/lib
FROM scratch
WORKDIR /app
COPY --from=build /src/ .
COPY --chmod=4755 tool bin/
COPY <<EOF /etc/app.conf
level=1
EOF
`,
    { "a.c": "a", "b.c": "bb", "other.txt": "", "tree/x/y": "y", tool: "tool" },
  );
  const first = await build("//app:rootfs-x86_64");
  expect(first.text).toContain("done: ");
  expect(listed(`${root}/${archive}`)).toEqual([
    "drwxr-xr-x 0 ./app",
    "-rw-r--r-- 1 ./app/a.c",
    "-rw-r--r-- 2 ./app/b.c",
    "drwxr-xr-x 0 ./app/bin",
    "-rwsr-xr-x 4 ./app/bin/tool",
    "drwxr-xr-x 0 ./etc",
    "-rw-r--r-- 8 ./etc/app.conf",
  ]);
  write({ "app/other.txt": "edited", "app/tree/x/y": "not needed" });
  expect((await build("//app:rootfs-x86_64")).executed).toEqual([
    "COPY --from=build /src/ .",
    "COPY tree /usr/lib",
  ]);
  write({ "app/tool": "edited" });
  expect((await build("//app:rootfs-x86_64")).executed).toEqual([
    "COPY --chmod=4755 tool bin/",
    packed,
  ]);
  write({ "app/d.c": "new" });
  // A new name may be in the way of what is copied later.
  expect((await build("//app:rootfs-x86_64")).executed).toEqual([
    "COPY *.c /src/",
    "COPY --chmod=4755 tool bin/",
    "COPY --from=build /src/ .",
    "COPY <<EOF /etc/app.conf",
    "COPY tree /usr/lib",
    packed,
  ]);
});

test("what .dockerignore leaves out is no part of the context, also where it begins with all", async () => {
  const { build, write, root } = dockerfileRig("FROM scratch\nCOPY . /app/\nCOPY *.md /doc/\n", {
    ".dockerignore": "*\n!src/main\n!*.md\nsrc/main/*.o\ndraft.md\n",
    "src/main/a.c": "a",
    "src/main/a.o": "a",
    "src/test/t.c": "t",
    "README.md": "r",
    "draft.md": "d",
  });
  expect((await build("//app:rootfs-x86_64")).text).toContain("done: ");
  expect(listed(`${root}/${archive}`)).toEqual([
    "drwxr-xr-x 0 ./app",
    "-rw-r--r-- 1 ./app/README.md",
    "drwxr-xr-x 0 ./app/src",
    "drwxr-xr-x 0 ./app/src/main",
    "-rw-r--r-- 1 ./app/src/main/a.c",
    "drwxr-xr-x 0 ./doc",
    "-rw-r--r-- 1 ./doc/README.md",
  ]);
  write({ "app/src/main/a.o": "b", "app/src/test/t.c": "u", "app/draft.md": "e", "app/new": "" });
  expect((await build("//app:rootfs-x86_64")).executed).toEqual([]);
});

test("mistakes in a Dockerfile are told at their lines, and nothing is built", async () => {
  const { build } = dockerfileRig("FROM scratch\nCOPPY a b\nCOPY --form=x a b\n");
  const { code, text } = await build("//app:rootfs-x86_64");
  expect(code).toBe(1);
  expect(text).toContain(`error[bad-dockerfile]: there is no instruction COPPY
 --> app/Dockerfile:2:1
  |
2 | COPPY a b
  | ^^^^^
  = help: did you mean "COPY"?
error[bad-dockerfile]: COPY takes no --form
 --> app/Dockerfile:3:6`);
});

const reason = overlayObstacle();

test.skipIf(reason !== undefined)(
  `a command sees its tree and nothing else, and only its changes get into the layer ${reason ?? ""}`,
  async () => {
    const { build, root, write } = dockerfileRig(
      `FROM scratch
COPY busybox /bin/
COPY keep gone /
RUN ["/bin/busybox", "ln", "-s", "busybox", "/bin/sh"]
SHELL ["/bin/sh", "-ec"]
ENV PATH=/bin
RUN /bin/busybox --install -s /bin && rm /bin/busybox.bak 2>/dev/null || true
RUN --mount=type=cache,target=/cache rm /gone && mkdir /made && id -u > /made/id && ls / > /made/root && echo x >> /cache/x && cp /cache/x /made/
USER 12:34
WORKDIR /made
FROM scratch
COPY --from=0 /made /keep /
`,
      { keep: "keep", gone: "gone" },
    );
    const first = await build("//app:rootfs-x86_64");
    expect(first.text).toContain("done: ");
    expect(listed(`${root}/${archive}`)).toEqual([
      "-rw-r--r-- 2 ./id",
      "-rw-r--r-- 4 ./keep",
      "-rw-r--r-- 37 ./root",
      "-rw-r--r-- 2 ./x",
    ]);
    write({ "app/keep": "again" });
    const again = await build("//app:rootfs-x86_64");
    expect(again.text).toContain("done: ");
    expect(listed(`${root}/${archive}`)).toContain("-rw-r--r-- 4 ./x");
  },
);

test.skipIf(reason !== undefined)(
  `commands run at once, of one build and of several, with nothing in common but their caches ${reason ?? ""}`,
  async () => {
    // Neither ends before the other runs, as pipes wait for who is at their other end.
    const dockerfile = (run: string) => `FROM scratch AS build
COPY busybox /bin/sh
RUN ["/bin/sh", "-c", "echo both > /same"]
RUN --mount=type=cache,id=meeting,target=/c ["/bin/sh", "-c", "mkfifo /c/pipe 2> /dev/null; ${run}"]
FROM scratch
COPY --from=build /said /same /
`;
    const says = dockerfile("echo hello > /c/pipe; echo done > /said");
    const hears = dockerfile("cat /c/pipe > /said");
    const cache = temporaryDirectory();
    const workspace = (dockerfiles: Readonly<Record<string, string>>) => {
      const files = Object.entries(dockerfiles).flatMap(([name, text]) => [
        [`${name}/Kraftfile`, "spec: v0.6\nname: x\nruntime: kernel://k\nrootfs: ./Dockerfile\n"],
        [`${name}/k`, "kernel"],
        [`${name}/Dockerfile`, text],
      ]);
      const here = rig(Object.fromEntries(files) as Record<string, string>, { cache });
      here.write({ "kraft.workspace.yaml": "version: 1\n" });
      for (const name of Object.keys(dockerfiles)) {
        copyFileSync("/bin/busybox", here.path(`${name}/busybox`));
      }
      return here;
    };
    const said = async (here: ReturnType<typeof workspace>, name: string): Promise<string> => {
      const words = ["rootfs", "cat", `//${name}:rootfs-x86_64`];
      const read = async (path: string) => (await here.run([...words, path])).stdout.trim();
      return `${await read("said")} ${await read("same")}`;
    };
    const one = workspace({ says, hears });
    const built = await one.run(["build", "//...", "--jobs", "2"]);
    expect(built.code, built.text).toBe(0);
    expect(await said(one, "says")).toBe("done both");
    expect(await said(one, "hears")).toBe("hello both");

    // Of other actions, or they would be up to date.
    const others = [says, hears].map((text) => text.replace("echo both", "echo all"));
    const [first, second] = [workspace({ says: others[0]! }), workspace({ hears: others[1]! })];
    const both = await Promise.all([first, second].map((here) => here.run(["build", "//..."])));
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(await said(first, "says")).toBe("done all");
    expect(await said(second, "hears")).toBe("hello all");
  },
);

test.skipIf(reason !== undefined || process.getuid?.() !== 0)(
  `a user without rights builds the same ${reason ?? ""}`,
  async () => {
    const { run, build, root, place, cache } = dockerfileRig(`FROM scratch AS build
COPY busybox /bin/sh
RUN ["/bin/sh", "-c", "echo made > /made; chmod 4711 /made; id -u > /id"]
FROM scratch
COPY --from=build /made /id /
`);
    await build("//app:rootfs-x86_64");
    const byRoot = readFileSync(`${root}/${archive}`);
    for (const path of [`${root}/.kraft`, cache]) rmSync(path, { recursive: true });
    execFileSync("chown", ["-R", "1234:1234", place]);
    const wrapper = ["setpriv", "--reuid=1234", "--regid=1234", "--clear-groups"];
    const ran = await run(["build", "//app:rootfs-x86_64"], { wrapper });
    expect(ran.text).toContain("done: ");
    expect(readFileSync(`${root}/${archive}`).equals(byRoot)).toBe(true);
    expect(listed(`${root}/${archive}`)).toEqual(["-rw-r--r-- 2 ./id", "-rws--x--x 5 ./made"]);
  },
);

test.skipIf(reason !== undefined)(
  `a secret is seen by the command that asks for it, and left nowhere ${reason ?? ""}`,
  async () => {
    const { build, root, cache, write } = dockerfileRig(`FROM scratch AS build
COPY busybox /bin/sh
RUN --mount=type=secret,id=token,required ["/bin/sh", "-c", "read -r it < /run/secrets/token; echo \${#it} > /size"]
FROM scratch
COPY --from=build /size /
`);
    const refused = await build("//app:rootfs-x86_64");
    expect(refused.code).toBe(1);
    expect(refused.text).toContain("the secret token is required, and was not given");
    write({ token: "not-to-be-found-anywhere\n" });
    const given = ["--build-secret", "id=token,src=token"];
    expect(await build("//app:rootfs-x86_64", ...given)).toMatchObject({ code: 0 });
    expect(listed(`${root}/${archive}`)).toEqual(["-rw-r--r-- 3 ./size"]);
    const grep = ["-rl", "not-to-be-found-anywhere", `${root}/.kraft`, cache];
    expect(spawnSync("grep", grep, { encoding: "utf8" }).stdout).toBe("");
    write({ token: "another\n" });
    expect((await build("//app:rootfs-x86_64", ...given)).executed).toEqual([]);
  },
);

const hasBuildah = existsSync("/usr/bin/buildah") && process.getuid?.() === 0;

test.skipIf(!hasBuildah)(
  "buildah builds from what the instructions read, and an edit of anything else builds nothing",
  async () => {
    const { build, write, root, cache } = dockerfileRig(
      `FROM scratch AS build
COPY busybox /bin/sh
COPY in/*.txt /in/
RUN --mount=type=secret,id=token,required=true ["/bin/sh", "-c", "read -r it < /run/secrets/token; echo \${#it} > /size"]
FROM scratch
COPY --from=build /size /in /out/
`,
      { "in/a.txt": "a", "in/other": "", token: "not-to-be-found-anywhere\n" },
    );
    write({ token: "not-to-be-found-anywhere\n" });
    const words = ["--dockerfile=buildah", "--build-secret", "id=token,src=token"];
    const first = await build("//app:rootfs-x86_64", ...words);
    expect(first.text).toContain("done: ");
    expect(listed(`${root}/${archive}`)).toEqual([
      "drwxr-xr-x 0 ./out",
      "-rw-r--r-- 1 ./out/a.txt",
      "-rw-r--r-- 3 ./out/size",
    ]);
    write({ "app/in/other": "edited", "app/more": "" });
    expect((await build("//app:rootfs-x86_64", ...words)).executed).toEqual([]);
    const grep = ["-rl", "not-to-be-found-anywhere", `${root}/.kraft`, cache];
    expect(spawnSync("grep", grep, { encoding: "utf8" }).stdout).toBe("");
  },
);

test.each([
  ["COPY linked /", "a file beside the context"],
  ["COPY below/file /", "a file in a linked directory"],
  ["COPY below /", "a linked directory"],
  ["COPY --parents below/./file /", "what is behind a pivot"],
])("%s, of which a link leads out of the context, reads nothing there: %s", async (copy) => {
  const { build, path } = dockerfileRig(`FROM scratch\n${copy}\n`, { kept: "kept" });
  mkdirSync(path("outside"));
  writeFileSync(path("outside/file"), "secret");
  symlinkSync("../outside/file", path("app/linked"));
  symlinkSync("../outside", path("app/below"));
  const refused = await build("//app:rootfs-x86_64");
  expect(refused.text).toMatch(/a symbolic link leads from app\/\S+ to \S+, out of app/);
  rmSync(path("app/linked"));
  rmSync(path("app/below"));
  symlinkSync("kept", path("app/linked"));
  mkdirSync(path("app/directory"));
  writeFileSync(path("app/directory/file"), "kept");
  symlinkSync("directory", path("app/below"));
  expect((await build("//app:rootfs-x86_64")).text).toContain("done: ");
});
