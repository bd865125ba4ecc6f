import { describe, expect, test } from "vitest";

import { lastStage, planOf, read } from "./dockerfile-rig.ts";

test("every mistake is told at its place, with what was meant", () => {
  const { printed } = read(`COPY a b
FROM scratch AS 9
FROM scratch AS build
COPPY a b
COPY --chwon=1 a b
COPY a
COPY a b c
RUN --mount=type=cach,target=/x y
LABEL one two=3
ENV ONE
SHELL /bin/sh
ONBUILD FROM x
`);
  expect(printed).toBe(`\
error[bad-dockerfile]: COPY stands in front of the first FROM
 --> Dockerfile:1:1
  |
1 | COPY a b
  | ^^^^
error[bad-dockerfile]: "9" can be no name of a stage
 --> Dockerfile:2:17
  |
2 | FROM scratch AS 9
  |                 ^
error[bad-dockerfile]: there is no instruction COPPY
 --> Dockerfile:4:1
  |
4 | COPPY a b
  | ^^^^^
  = help: did you mean "COPY"?
error[bad-dockerfile]: COPY takes no --chwon
 --> Dockerfile:5:6
  |
5 | COPY --chwon=1 a b
  |      ^^^^^^^^^
  = help: did you mean "chown"?
error[bad-dockerfile]: COPY needs at least one source, and a destination
 --> Dockerfile:6:1
  |
6 | COPY a
  | ^^^^
error[bad-dockerfile]: the destination of several sources must be a directory, and end with /
 --> Dockerfile:7:1
  |
7 | COPY a b c
  | ^^^^
error[bad-dockerfile]: "cach" is no type of a mount
 --> Dockerfile:8:5
  |
8 | RUN --mount=type=cach,target=/x y
  |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^
  = help: it is one of bind, cache, tmpfs, secret, ssh
error[bad-dockerfile]: ENV needs NAME=VALUE
  --> Dockerfile:10:5
   |
10 | ENV ONE
   |     ^^^
error[bad-dockerfile]: SHELL takes a list such as ["/bin/sh", "-c"]
  --> Dockerfile:11:1
   |
11 | SHELL /bin/sh
   | ^^^^^
error[bad-dockerfile]: ONBUILD cannot hold FROM
  --> Dockerfile:12:1
   |
12 | ONBUILD FROM x
   | ^^^^^^^`);
});

test("a mistake behind a continued line is told where it stands", () => {
  const { printed } = read("FROM scratch\nCOPY a \\\n  # why\n\n  b \\\r\n  c\n");
  expect(printed).toContain("--> Dockerfile:2:1");
  const word = read("FROM scratch\nENV a=1 \\\n # why\n  b\n");
  expect(word.printed).toContain(
    'error[bad-dockerfile]: "b" is no NAME=VALUE\n --> Dockerfile:4:3\n',
  );
});

const usualPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

describe("variables", () => {
  const cases: readonly (readonly [word: string, value: string])[] = [
    ["$A", "alpha"],
    ["${A}b", "alphab"],
    ["$Ab", ""],
    ["${N:-x}", "x"],
    ["${E:-x}", "x"],
    ["${E-x}", ""],
    ["${A:-x}", "alpha"],
    ["${N:-${A}}", "alpha"],
    ["${A:+x}", "x"],
    ["${N:+x}", ""],
    ["${E+x}", "x"],
    ["\\$A", "$A"],
    ["'$A'", "$A"],
    ['"$A b"', "alpha b"],
    ["\\'x", "'x"],
    ['"a\\"b"', 'a"b'],
    ['"a\\nb"', "a\\nb"],
    ["${P#*/}", "b/c.tar.gz"],
    ["${P##*/}", "c.tar.gz"],
    ["${P%.*}", "a/b/c.tar"],
    ["${P%%.*}", "a/b/c"],
    ["${P/b/x}", "a/x/c.tar.gz"],
    ["${P//\\//-}", "a-b-c.tar.gz"],
    ["${P#?/}", "b/c.tar.gz"],
    ["a$", "a$"],
  ];
  test.each(cases)("%s is %s", (word, value) => {
    const { config } = lastStage(
      `FROM scratch\nENV A=alpha E= P=a/b/c.tar.gz\nENV RESULT=${word}\n`,
    );
    expect(config.env.at(-1)).toBe(`RESULT=${value}`);
  });

  test("that must be set and is not, is a mistake with its words", () => {
    const { printed } = planOf('FROM scratch\nENV A="${B:?is needed}"\n');
    expect(printed).toContain("error[bad-dockerfile]: B: is needed\n --> Dockerfile:2:1");
  });

  test("of one ENV do not see each other", () => {
    const { config } = lastStage("FROM scratch\nENV a=1\nENV a=2 b=$a\nENV c=$a\n");
    expect(config.env).toEqual([usualPath, "a=2", "b=1", "c=2"]);
  });
});

describe("arguments", () => {
  test("in front of the first stage are seen by FROM, and by stages that ask", () => {
    const text = "ARG V=1\nARG I=img:$V\nFROM $I\nARG V\nARG I=own\nENV R=$V-$I-$TARGETARCH\n";
    expect(lastStage(text).config.env).toEqual([usualPath, "R=1-own-"]);
    expect(lastStage(text, { buildArgs: { V: "2" } })).toMatchObject({
      base: { kind: "image", image: "img:2" },
      config: { env: [usualPath, "R=2-own-"] },
    });
  });

  test("of the platform are there for the asking", () => {
    const platform = { os: "linux", architecture: "arm", variant: "v7" };
    const text =
      "FROM scratch\nARG TARGETPLATFORM\nARG BUILDARCH\nENV R=$TARGETPLATFORM,$BUILDARCH\n";
    expect(lastStage(text, { platform }).config.env).toEqual([usualPath, "R=linux/arm/v7,amd64"]);
  });

  test("are seen by RUN, and are no part of the image", () => {
    const { steps, config } = lastStage("FROM scratch\nARG A=1\nENV B=2\nRUN x\n");
    expect(steps[0]).toMatchObject({ env: { A: "1", B: "2" } });
    expect(config.env).toEqual([usualPath, "B=2"]);
  });
});

test("only stages that the result needs are planned, each after those it needs", () => {
  const text = `FROM a AS one
FROM b AS two
COPY --from=one x y
FROM c AS three
RUN --mount=type=bind,from=two,target=/m z
FROM d AS four
FROM one AS Five
COPY --from=THREE x y
`;
  const numbersOf = (target?: string) =>
    planOf(text, target === undefined ? {} : { target }).plan?.stages.map(({ number }) => number);
  expect(numbersOf()).toEqual([0, 1, 2, 4]);
  expect(numbersOf("two")).toEqual([0, 1]);
  expect(numbersOf("3")).toEqual([3]);
  expect(planOf(text, { target: "fvie" }).printed).toContain('did you mean "five"?');
});

test("a here-document is a script alone, left to the shell beside a command, and a file for COPY", () => {
  const { steps } = lastStage(`FROM scratch
ENV X=1
RUN <<EOF
echo $X \\
EOF
RUN <<-"P"
	#!/bin/env python
	print
	P
RUN cat > f <<EOF && true
text
EOF
COPY <<a <<'b' /x/
$X
a
$X
b
`);
  const [script, program, shell, copy] = steps;
  expect(script).toMatchObject({ argv: ["/bin/sh", "-c", "echo $X \\\n"] });
  expect(program).toMatchObject({
    argv: ["/dev/pipes/P"],
    mounts: [{ kind: "text", target: "/dev/pipes/P", text: "#!/bin/env python\nprint\n" }],
  });
  expect(shell).toMatchObject({ argv: ["/bin/sh", "-c", "cat > f <<EOF && true\ntext\nEOF"] });
  expect(copy).toMatchObject({
    sources: [
      { kind: "text", name: "a", text: "1\n" },
      { kind: "text", name: "b", text: "$X\n" },
    ],
  });
});

test("a here-document without its end is a mistake", () => {
  expect(read("FROM scratch\nRUN <<EOF\nx\n").printed).toContain(
    "error[bad-dockerfile]: the here-document EOF has no end\n --> Dockerfile:2:1\n",
  );
});

test("the escape directive makes another character the one that continues lines", () => {
  const { steps } = lastStage("# escape=`\nFROM scratch\nRUN a `\n  b\\\nRUN c\n");
  expect(steps).toMatchObject([
    { argv: ["/bin/sh", "-c", "a   b\\"] },
    { argv: ["/bin/sh", "-c", "c"] },
  ]);
});

test("PATH is always set, and scratch has its root to work in", () => {
  const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  const { steps, config } = lastStage("FROM scratch\nENV MORE=/x:$PATH\nRUN x\n");
  expect(config).toMatchObject({ env: [usualPath, `MORE=/x:${path}`], workingDirectory: "/" });
  expect(steps[0]).toMatchObject({ env: { PATH: path, MORE: `/x:${path}` } });
  const base = { env: ["A=1"] };
  expect(lastStage("FROM img\n", {}, { img: base }).config.env).toEqual(["A=1", usualPath]);
});

test("an image goes on from the config of its base", () => {
  const base = {
    env: ["PATH=/x"],
    entrypoint: ["/old"],
    cmd: ["old"],
    workingDirectory: "/w",
    user: "web",
    triggers: ["ENV T=$PATH"],
  };
  const text = `FROM img
ENV PATH=/y:$PATH
WORKDIR sub
ENTRYPOINT ["/new", "a b"]
EXPOSE 80 53/UDP
LABEL "a b"="c d" e=f
VOLUME ["/data"]
STOPSIGNAL SIGINT
HEALTHCHECK --interval=1m30s CMD true
USER 5:6
`;
  expect(lastStage(text, {}, { img: base })).toMatchObject({
    steps: [{ kind: "directory", path: "/w/sub", owner: "web" }],
    config: {
      env: ["PATH=/y:/x", "T=/x"],
      entrypoint: ["/new", "a b"],
      cmd: [],
      workingDirectory: "/w/sub",
      user: "5:6",
      exposed: ["53/udp", "80/tcp"],
      labels: { "a b": "c d", e: "f" },
      volumes: ["/data"],
      stopSignal: "SIGINT",
      healthcheck: { test: ["CMD-SHELL", "true"], times: { Interval: 90e9 } },
      triggers: [],
    },
  });
});

test("a trigger that reads what nothing else does is an error, and one that reads what is there is not", () => {
  const trigger = (from: string) => ({ base: { triggers: [`COPY --from=${from} /x /x`] } });
  expect(planOf("FROM base", {}, trigger("golang")).printed).toBe(
    [
      "error[bad-dockerfile]: an ONBUILD reads golang, which nothing else of the Dockerfile does",
      " --> ONBUILD of base:1:1",
      "  |",
      "1 | COPY --from=golang /x /x",
      "  | ^^^^",
      "  = help: copy from it in the Dockerfile itself, too",
    ].join("\n"),
  );
  const unused = "FROM scratch AS tools\nFROM base";
  expect(planOf(unused, {}, trigger("tools")).printed).toContain("an ONBUILD reads a stage");
  const { plan } = planOf(`${unused}\nCOPY --from=tools /y /y`, {}, trigger("tools"));
  expect(plan?.stages.at(-1)?.steps.map(({ text }) => text)).toEqual([
    "COPY --from=tools /x /x",
    "COPY --from=tools /y /y",
  ]);
});

test("an image is brought for each platform that it is wanted for, and copied from for the result's", () => {
  const arm64 = { os: "linux", architecture: "arm64", variant: "" };
  const text = `FROM --platform=$BUILDPLATFORM base AS build
COPY --from=base /own /own
FROM base
COPY --from=build / /
`;
  const { plan, printed } = planOf(text, { platform: arm64 });
  expect(printed).toBe("");
  expect(plan?.stages.map(({ base }) => base)).toEqual([
    { kind: "image", image: "base for linux/amd64" },
    { kind: "image", image: "base" },
  ]);
  expect(plan?.stages[0]?.steps).toMatchObject([
    { sources: [{ tree: { kind: "image", image: "base" } }] },
  ]);
});
