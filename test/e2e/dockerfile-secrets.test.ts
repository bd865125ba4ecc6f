// What RUN gets of the user's secrets, and where they are not to be found afterwards.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

import { overlayObstacle } from "./overlay-obstacle.ts";
import { rig, temporaryDirectory } from "./rig.ts";

const kraftfile = "spec: v0.6\nname: app\nruntime: kernel://kernel\nrootfs: ./Dockerfile\n";
const target = "//app:rootfs-x86_64";
const hidden = "not-to-be-found-anywhere";

function dockerfileRig(dockerfile: string) {
  const here = rig({
    "kraft.workspace.yaml": "version: 1\n",
    "app/Kraftfile": kraftfile,
    "app/kernel": "kernel",
    "app/Dockerfile": dockerfile,
  });
  copyFileSync("/bin/busybox", here.path("app/busybox"));
  return here;
}

const reason = overlayObstacle();

/** The files below `directories` that hold the secret. */
function filesWithSecret(...directories: readonly string[]): string {
  return spawnSync("grep", ["-rla", hidden, ...directories], { encoding: "utf8" }).stdout;
}

test.skipIf(reason !== undefined)(
  `a secret has the place, mode and owner that are asked for, and leaves no trace ${reason ?? ""}`,
  async () => {
    const here = dockerfileRig(`FROM scratch AS build
COPY busybox /bin/sh
RUN --mount=type=secret,id=token,env=TOKEN \\
    --mount=type=secret,id=token,target=/etc/token,mode=0440,uid=12,gid=34 \\
    --mount=type=secret,id=token ["/bin/sh", "-c", "echo $\{#TOKEN} > /facts; stat -c '%a %u:%g %s' /etc/token /run/secrets/token >> /facts"]
RUN --mount=type=secret,id=none,env=NONE ["/bin/sh", "-c", "echo $\{NONE-unset} >> /facts; test -e /run/secrets || echo none >> /facts"]
FROM scratch
COPY --from=build /facts /
`);
    here.write({ token: `${hidden}\n` });
    const given = ["--build-secret", "id=token,src=token"];
    const events = join(temporaryDirectory(), "events");
    const profile = join(temporaryDirectory(), "profile");
    const told = ["--explain", "--events", events, "--profile", profile];
    const built = await here.run(["build", target, ...given, ...told]);
    expect(built.code, built.text).toBe(0);
    const shown = await here.run(["rootfs", "cat", target, "facts", ...given]);
    const facts = shown.stdout.split("\n");
    expect(facts).toEqual(["25", "440 12:34 25", "400 0:0 25", "unset", "none", ""]);
    expect(shown.stdout).not.toContain("token\n");
    expect(filesWithSecret(`${here.root}/.kraft`, here.cache, events, profile)).toBe("");
    expect(built.text + built.stdout).not.toContain(hidden);
    here.write({ token: "another\n" });
    const again = await here.run(["build", target, ...given, "--explain"]);
    expect(again.counts["executed"]).toBe(undefined);
  },
);

/** A directory with programs that write down their arguments before they are what they are called. */
function talkativePrograms(log: string): string {
  const directory = temporaryDirectory();
  const script = `#!/bin/sh
tr '\\0' ' ' < /proc/$$/cmdline >> ${log}; echo >> ${log}
exec "/usr/bin/\${0##*/}" "$@"
`;
  for (const name of ["cat", "env", "nsenter", "setpriv", "unshare"]) {
    writeFileSync(join(directory, name), script, { mode: 0o755 });
  }
  return directory;
}

test.skipIf(reason !== undefined)(
  `a secret in a variable is in the arguments of no process, and a variable as any other ${reason ?? ""}`,
  async () => {
    const here = dockerfileRig(`FROM scratch AS build
COPY busybox /bin/sh
ENV TOKEN=other PATH=/only
RUN --mount=type=secret,id=token,env=TOKEN ["/bin/sh", "-c", "cat /proc/[0-9]*/cmdline > /seen; env > /facts; echo $\{#TOKEN} >> /facts"]
RUN ["/bin/sh", "-c", "echo $TOKEN >> /facts"]
FROM scratch
COPY --from=build /facts /seen /
`);
    here.write({ token: hidden });
    const log = join(temporaryDirectory(), "log");
    const env = { KRAFT_GRAPH_BUILD_PATH: `${talkativePrograms(log)}:/usr/sbin:/usr/bin` };
    const given = ["--build-secret", "id=token,src=token"];
    const built = await here.run(["build", target, ...given], { env });
    expect(built.code, built.text).toBe(0);
    const lines = readFileSync(log, "utf8").split("\n");
    expect(lines.filter((line) => line.includes("nsenter"))).not.toEqual([]);
    expect(lines.filter((line) => line.includes(hidden))).toEqual([]);
    const read = async (file: string) => {
      return (await here.run(["rootfs", "cat", target, file, ...given], { env })).stdout;
    };
    expect(await read("seen")).toContain("/bin/sh");
    expect(await read("seen")).not.toContain(hidden);
    const facts = (await read("facts")).trim().split("\n");
    const variables = facts.filter(
      (line) => !line.startsWith("PWD=") && !line.startsWith("SHLVL="),
    );
    expect(variables.sort()).toEqual(["24", "HOME=/", `PATH=/only`, `TOKEN=${hidden}`, "other"]);
  },
);

test.skipIf(reason !== undefined)(
  `a secret can be what a variable holds, which is then in no file for longer than the build ${reason ?? ""}`,
  async () => {
    const here = dockerfileRig(`FROM scratch AS build
COPY busybox /bin/sh
RUN --mount=type=secret,id=token,required ["/bin/sh", "-c", "sha256sum < /run/secrets/token > /facts"]
RUN --mount=type=secret,id=OTHER,env=IT,required ["/bin/sh", "-c", "echo $IT >> /facts"]
RUN --mount=type=secret,id=unset ["/bin/sh", "-c", "ls /run/secrets 2>&1 >> /facts || echo none >> /facts"]
FROM scratch
COPY --from=build /facts /
`);
    const runtime = temporaryDirectory();
    const others = { XDG_RUNTIME_DIR: runtime, OTHER: "by its id" };
    const env = { ...others, VALUE: `${hidden}\n` };
    const given = ["id=token,env=VALUE", "id=OTHER", "id=unset,type=env,src=NOT_SET"];
    const words = given.flatMap((secret) => ["--build-secret", secret]);
    const without = await here.run(["build", target, ...words], { env: others });
    expect(without.text).toContain("the secret token is required, and was not given");
    const built = await here.run(["build", target, ...words, "--explain"], { env });
    expect(built.code, built.text).toBe(0);
    const shown = await here.run(["rootfs", "cat", target, "facts", ...words], { env });
    const digest = createHash("sha256").update(`${hidden}\n`).digest("hex");
    expect(shown.stdout).toBe(`${digest}  -\nby its id\nnone\n`);
    expect(readdirSync(runtime)).toEqual([]);
    expect(filesWithSecret(`${here.root}/.kraft`, here.cache)).toBe("");
    const said = await here.run(["info", "config", ...words], { env });
    expect(said.stdout + said.text).not.toContain(hidden);
  },
);

test("what is no secret is refused", async () => {
  const here = rig({ "kraft.workspace.yaml": "version: 1\n" });
  const refused = async (secret: string) => {
    const { code, text } = await here.run(["build", "//...", "--build-secret", secret]);
    expect(code).toBe(2);
    return text.split("\n")[0];
  };
  expect(await refused("src=x")).toBe(
    "error: --build-secret src=x: it needs an id, such as id=token,src=PATH",
  );
  expect(await refused("id=x,type=ssh")).toBe(
    "error: --build-secret id=x,type=ssh: the type is file or env",
  );
  expect(await refused("id=x,path=y")).toBe(
    'error: --build-secret id=x,path=y: "path" is none of id, src, env, type',
  );
});

test.skipIf(reason !== undefined)(
  `a RUN that fails tells nothing of its secret ${reason ?? ""}`,
  async () => {
    const here = dockerfileRig(`FROM scratch
COPY busybox /bin/sh
RUN --mount=type=secret,id=token,env=TOKEN ["/bin/sh", "-c", "echo made > /made; exit 3"]
`);
    here.write({ token: `${hidden}\n` });
    const events = join(temporaryDirectory(), "events");
    const words = ["--build-secret", "id=token,src=token", "--events", events];
    const ran = await here.run(["build", target, ...words]);
    expect(ran.code).toBe(1);
    expect(ran.text).not.toContain(hidden);
    expect(readFileSync(events, "utf8")).toContain('"kind":"finished"');
    expect(filesWithSecret(`${here.root}/.kraft`, here.cache, events)).toBe("");
  },
);

test.skipIf(reason !== undefined)(
  `ssh's agent is there for a RUN that asks for it, and required means so ${reason ?? ""}`,
  async () => {
    const here = dockerfileRig(`FROM scratch AS build
COPY busybox /bin/sh
RUN --mount=type=ssh ["/bin/sh", "-c", "echo optional $SSH_AUTH_SOCK > /facts"]
RUN --mount=type=ssh,required ["/bin/sh", "-c", "test -S $SSH_AUTH_SOCK && echo $SSH_AUTH_SOCK >> /facts"]
RUN ["/bin/sh", "-c", "echo none$SSH_AUTH_SOCK >> /facts; test ! -S /run/buildkit/ssh_agent.0"]
FROM scratch
COPY --from=build /facts /
`);
    const without = await here.run(["build", target], { env: { SSH_AUTH_SOCK: "" } });
    expect(without.code).toBe(1);
    expect(without.text).toContain("the agent of ssh is required, and SSH_AUTH_SOCK");
    const socket = join(temporaryDirectory(), "agent");
    const server = createServer().listen(socket);
    onTestFinished(() => void server.close());
    const env = { SSH_AUTH_SOCK: socket };
    const built = await here.run(["build", target], { env });
    expect(built.code, built.text).toBe(0);
    const shown = await here.run(["rootfs", "cat", target, "facts"], { env });
    expect(shown.stdout).toMatch(/^optional.*\n\/run\/buildkit\/ssh_agent\.0\nnone\n$/);
  },
);
