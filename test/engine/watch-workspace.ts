// The workspace that disturbances are tried on: a bit of everything that can be watched.

import { symlinkSync } from "node:fs";

import { watchRig } from "./watch-rig.ts";

const target = (name: string, srcs: string, command: string): string =>
  [
    `  - name: ${name}`,
    "    rule: exec",
    `    srcs: [${srcs}]`,
    `    outs: [${name}]`,
    `    command: ${command}`,
    "",
  ].join("\n");

/** Build file of the package `app`. */
export const appTargets = [
  "version: 1\ntargets:\n",
  target("loud", "word.txt", "tr a-z A-Z < $SRCS > $OUT"),
  target("shout", '":loud"', "sed 's/$/!/' $SRCS > $OUT"),
  target("first", '":loud"', "head -c 1 $SRCS > $OUT"),
  target("twice", '":first"', "cat $SRCS $SRCS > $OUT"),
  target("other", "other.txt", "cat $SRCS > $OUT"),
  target("linked", "link.txt", "cat $SRCS > $OUT"),
  target("tool", "tool.sh", "sh $SRCS > $OUT"),
  target("strict", "strict.txt", "'! grep BROKEN $SRCS && cat $SRCS > $OUT'"),
  "  - name: parts\n    rule: exec\n    glob: ['parts/*.txt']\n    outs: [parts]\n",
  "    command: cat $SRCS > $OUT\n",
].join("");

/** A target of its own, to tell when all that was before has been seen. */
const markTargets = `version: 1\ntargets:\n${target("mark", "mark.txt", "cat $SRCS > $OUT")}`;

const files = {
  "kraft.workspace.yaml": "version: 1\n",
  "app/kraft.build.yaml": appTargets,
  "app/word.txt": "hello\n",
  "app/other.txt": "other\n",
  "app/strict.txt": "fine\n",
  "app/tool.sh": "echo tool\n",
  "app/unused.txt": "nobody reads this\n",
  "app/store/a.txt": "a\n",
  "app/store/b.txt": "b\n",
  "app/parts/1.txt": "one\n",
  "app/parts/2.txt": "two\n",
  "app/parts/README": "no part\n",
  "mark/kraft.build.yaml": markTargets,
  "mark/mark.txt": "0\n",
  "code/PIECES": "object object\n",
  "code/src/main.c": '#include "a.h"\nint main(void) { return A; }\n',
  "code/one/.keep": "",
  "code/two/a.h": "#define A 1\n",
  "code/two/unread.h": "#define U 1\n",
  "docs/guide.md": "# Guide\n",
  "deep/PIECES": "names listing\n",
  "deep/tree/x/1": "one\n",
  "deep/tree/x/2": "two\n",
  "deep/tree/y/3": "three\n",
};

/** That workspace, watched; everything is built. */
export async function watchedWorkspace() {
  const rig = watchRig(files);
  symlinkSync("store/a.txt", rig.path("app/link.txt"));
  const watch = rig.watch("//...", {
    flags: [
      { name: "--sandbox", key: "build.sandbox", text: "links" },
      { name: "--keep-going", key: "build.keepGoing", text: "true" },
    ],
  });
  await watch.next();
  let marks = 0;
  /** The builds that came of all that was done before, without what only tells of their end. */
  const settled = async () => {
    rig.write("mark/mark.txt", `${++marks}\n`);
    const cycles = await watch.cyclesUntil(({ executed }) => executed.includes(mark));
    const without = (names: readonly string[]) => names.filter((name) => name !== mark);
    return {
      cycles,
      executed: cycles.flatMap(({ executed }) => without(executed)).sort(),
      failed: cycles.flatMap(({ failed }) => failed).sort(),
      mistakes: cycles.flatMap(({ mistakes }) => mistakes),
      changed: cycles.flatMap(({ changed }) => changed).filter((path) => path !== "mark/mark.txt"),
    };
  };
  return { ...rig, watch, settled };
}

const mark = "mark/mark/mark";
