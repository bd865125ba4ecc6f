/** A library in C, two programs that use it, and what tells object files from their debug data. */
export const cWorkspace = {
  "kraft.workspace.yaml": "version: 1\nname: sums\n",
  "lib/kraft.build.yaml": `version: 1
targets:
  - name: add-debug
    rule: exec
    srcs: [add.c, add.h]
    outs: [add.o]
    argv: [cc, -g, -Ilib, -c, lib/add.c, -o, .kraft/out/lib/add-debug/add.o]
  - name: add
    rule: exec
    srcs: [":add-debug"]
    outs: [add.o]
    argv: [strip, -g, $(location :add-debug), -o, .kraft/out/lib/add/add.o]
`,
  "lib/add.h": "int add(int, int);\n",
  "lib/add.c": '#include "add.h"\nint add(int a, int b) { return a + b; }\n',
  "lib/README": "Adds.\n",
  "app/kraft.build.yaml": `version: 1
targets:
  - name: sum
    rule: exec
    default: true
    srcs: [sum.c, //lib:add.h, //lib:add]
    outs: [sum]
    command: cc -Ilib -o $OUT app/sum.c $(location //lib:add)
    tools: [cc]
  - name: zero
    rule: exec
    srcs: [zero.c]
    outs: [zero]
    command: cc -o $OUT $SRCS
    tools: [cc]
`,
  "app/sum.c": '#include "add.h"\nint main(void) { return add(2, 2) == 4 ? 0 : 1; }\n',
  "app/zero.c": "int main(void) { return 0; }\n",
};
