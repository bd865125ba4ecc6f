/** A Kraftfile with mistakes, and all that is printed about it. */
export interface WrongFile {
  readonly title: string;
  readonly text: string;
  readonly printed: string;
  /** False when there are only warnings. */
  readonly isError: boolean;
}

export const wrongFiles: readonly WrongFile[] = [
  {
    title: "an empty file is no Kraftfile",
    text: ``,
    printed: `error[empty-file]: this Kraftfile is empty
 --> app/Kraftfile:1:1
  |
1 | 
  | ^
  = help: begin it with \`spec: v0.6\``,
    isError: true,
  },
  {
    title: "comments alone are no Kraftfile",
    text: `# later
`,
    printed: `error[empty-file]: this Kraftfile is empty
 --> app/Kraftfile:1:1
  |
1 | # later
  | ^
  = help: begin it with \`spec: v0.6\``,
    isError: true,
  },
  {
    title: "a Kraftfile that is a list is refused",
    text: `- spec: v0.6
`,
    printed: `error[wrong-type]: a Kraftfile must be a map, with \`spec\` and other keys
 --> app/Kraftfile:1:1
  |
1 | - spec: v0.6
  | ^^^^^^^^^^^^`,
    isError: true,
  },
  {
    title: "without a version, the file is read as v0.6",
    text: `name: app
unikraft: stable
`,
    printed: `error[missing-spec]: no \`spec\` says the version
 --> app/Kraftfile:1:1
  |
1 | name: app
  | ^^^^
  = help: begin the file with \`spec: v0.6\``,
    isError: true,
  },
  {
    title: "a version without quotes can be a number, for which KraftKit does not see it",
    text: `spec: 0.6
name: app
`,
    printed: `error[bad-spec]: \`spec\` must be text, and 0.6 without quotes is a number
 --> app/Kraftfile:1:7
  |
1 | spec: 0.6
  |       ^^^
  = help: write "v0.6"`,
    isError: true,
  },
  {
    title: "a version that is a word is refused",
    text: `specification: latest
`,
    printed: `error[bad-spec]: \`specification\` is no version
 --> app/Kraftfile:1:16
  |
1 | specification: latest
  |                ^^^^^^
  = help: write \`v0.5\`, \`v0.6\` or \`v0.7\``,
    isError: true,
  },
  {
    title: "a version without a value is refused",
    text: `spec:
name: app
`,
    printed: `error[bad-spec]: \`spec\` is no version
 --> app/Kraftfile:1:1
  |
1 | spec:
  | ^^^^
  = help: write \`v0.5\`, \`v0.6\` or \`v0.7\``,
    isError: true,
  },
  {
    title: "a version from the future is refused",
    text: `spec: v0.8
`,
    printed: `error[unsupported-version]: version v0.8 of Kraftfiles is not known
 --> app/Kraftfile:1:7
  |
1 | spec: v0.8
  |       ^^^^
  = help: the newest that is known is v0.7`,
    isError: true,
  },
  {
    title: "both keys of the version are too many in v0.7",
    text: `spec: v0.7
specification: v0.7
`,
    printed: `error[bad-spec]: both \`spec\` and \`specification\` stand here; the latter counts
 --> app/Kraftfile:1:1
  |
1 | spec: v0.7
  | ^^^^
note: the one that counts
 --> app/Kraftfile:2:1
  |
2 | specification: v0.7
  | ^^^^^^^^^^^^^`,
    isError: true,
  },
  {
    title: "a version of the past is read as v0.5, with a warning",
    text: `specification: '0.4'
`,
    printed: `warning[unsupported-version]: version 0.4 is older than v0.5, and is read as that
 --> app/Kraftfile:1:16
  |
1 | specification: '0.4'
  |                ^^^^^
  = help: write \`v0.6\``,
    isError: false,
  },
  {
    title: "a misspelt key at the top is a warning",
    text: `spec: v0.6
librares:
  lwip: stable
`,
    printed: `warning[unknown-attribute]: \`librares\` is no key of a Kraftfile, and has no effect
 --> app/Kraftfile:2:1
  |
2 | librares:
  | ^^^^^^^^
  = help: did you mean "libraries"?`,
    isError: false,
  },
  {
    title: "a misspelt key of a component is a warning",
    text: `spec: v0.6
unikraft:
  version: stable
  kconig:
    - CONFIG_X=y
`,
    printed: `warning[unknown-attribute]: \`kconig\` is no key of a component, and has no effect
 --> app/Kraftfile:4:3
  |
4 |   kconig:
  |   ^^^^^^
  = help: did you mean "kconfig"?`,
    isError: false,
  },
  {
    title: "keys of old versions are told what replaced them",
    text: `specification: '0.5'
platforms:
  kvm: true
run:
  arguments: -c x
`,
    printed: `warning[unknown-attribute]: \`platforms\` is no key of a Kraftfile, and has no effect
 --> app/Kraftfile:2:1
  |
2 | platforms:
  | ^^^^^^^^^
  = help: write \`targets\`, with items such as qemu/x86_64
warning[unknown-attribute]: \`run\` is no key of a Kraftfile, and has no effect
 --> app/Kraftfile:4:1
  |
4 | run:
  | ^^^
  = help: write \`cmd\` for the arguments, and \`volumes\``,
    isError: false,
  },
  {
    title: "`outdir` has no effect, and says so",
    text: `spec: v0.6
outdir: build
`,
    printed: `warning[bad-attribute]: \`outdir\` has no effect
 --> app/Kraftfile:2:1
  |
2 | outdir: build
  | ^^^^^^
  = help: outputs are in .kraft/out, and \`--kraft-layout\` links them to their old places`,
    isError: false,
  },
  {
    title: "a name that is a number is refused",
    text: `spec: v0.6
name: 12
`,
    printed: `error[wrong-type]: \`name\` must be text, not a number
 --> app/Kraftfile:2:7
  |
2 | name: 12
  |       ^^
  = help: put quotes around it: "12"`,
    isError: true,
  },
  {
    title: "a name with a slash is refused, as files are called by it",
    text: `spec: v0.6
name: ../../etc
`,
    printed: `error[bad-name]: "../../etc" can be no project's name
 --> app/Kraftfile:2:7
  |
2 | name: ../../etc
  |       ^^^^^^^^^
  = help: files are called by it, so it may not be empty, nor have a slash`,
    isError: true,
  },
  {
    title: "a key that says nothing where something is meant is refused",
    text: `spec: v0.6
unikraft:
runtime: ~
`,
    printed: `error[wrong-type]: \`unikraft\` says nothing
 --> app/Kraftfile:2:1
  |
2 | unikraft:
  | ^^^^^^^^
  = help: give it a value, or leave it out
error[wrong-type]: \`runtime\` says nothing
 --> app/Kraftfile:3:1
  |
3 | runtime: ~
  | ^^^^^^^
  = help: give it a value, or leave it out`,
    isError: true,
  },
  {
    title: "a component that is a list is refused",
    text: `spec: v0.6
unikraft: [stable]
`,
    printed: `error[bad-component]: \`unikraft\` must be a version, a source or a map, not a list
 --> app/Kraftfile:2:1
  |
2 | unikraft: [stable]
  | ^^^^^^^^
  = help: name a version, as in \`unikraft: stable\``,
    isError: true,
  },
  {
    title: "a component that is a boolean is refused",
    text: `spec: v0.6
unikraft: true
`,
    printed: `error[bad-component]: \`unikraft\` must be a version, a source or a map, not a boolean
 --> app/Kraftfile:2:11
  |
2 | unikraft: true
  |           ^^^^
  = help: name a version, as in \`unikraft: stable\``,
    isError: true,
  },
  {
    title: "a version that git would take for an option is refused",
    text: `spec: v0.6
unikraft: --upload-pack=evil
`,
    printed: `error[bad-component]: "--upload-pack=evil" can be no version
 --> app/Kraftfile:2:11
  |
2 | unikraft: --upload-pack=evil
  |           ^^^^^^^^^^^^^^^^^^
  = help: name a release, a channel such as \`stable\`, a branch or a commit`,
    isError: true,
  },
  {
    title: "a reference that git would take for an option is refused",
    text: `spec: v0.6
unikraft: https://example.com/core.git?branch=--upload-pack=evil
`,
    printed: `error[bad-component]: "--upload-pack=evil" can be no version
 --> app/Kraftfile:2:11
  |
2 | unikraft: https://example.com/core.git?branch=--upload-pack=evil
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  = help: name a release, a channel such as \`stable\`, a branch or a commit`,
    isError: true,
  },
  {
    title: "a version that is a map is refused",
    text: `spec: v0.6
unikraft:
  version: {major: 0}
`,
    printed: `error[bad-component]: \`version\` must be text, not a map
 --> app/Kraftfile:3:3
  |
3 |   version: {major: 0}
  |   ^^^^^^^`,
    isError: true,
  },
  {
    title: "a source that is not there cannot stand beside a version",
    text: `spec: v0.6
unikraft:
  source: core
  version: stable
`,
    printed: `error[bad-component]: \`source\` is neither a URL nor a directory that is there
 --> app/Kraftfile:3:11
  |
3 |   source: core
  |           ^^^^
  = help: paths are relative to the directory of the Kraftfile, and begin with ./ or ../`,
    isError: true,
  },
  {
    title: "a source that is a version counts as one, with a warning",
    text: `spec: v0.6
unikraft:
  source: 0.15.0
`,
    printed: `warning[bad-component]: \`source\` is neither a URL nor a directory that is there
 --> app/Kraftfile:3:11
  |
3 |   source: 0.15.0
  |           ^^^^^^
  = help: it counts as the \`version\`: say so`,
    isError: false,
  },
  {
    title: "a source that is a number is refused",
    text: `spec: v0.6
unikraft:
  source: 0.15
`,
    printed: `error[bad-component]: \`source\` must be text, not a number
 --> app/Kraftfile:3:11
  |
3 |   source: 0.15
  |           ^^^^
  = help: put quotes around it: "0.15"`,
    isError: true,
  },
  {
    title: "libraries must be a map",
    text: `spec: v0.6
libraries: lwip
`,
    printed: `error[wrong-type]: \`libraries\` must be a map, not text
 --> app/Kraftfile:2:12
  |
2 | libraries: lwip
  |            ^^^^
  = help: write \`lwip: stable\` on a line of its own below it`,
    isError: true,
  },
  {
    title: "a library must say something",
    text: `spec: v0.6
libraries:
  lwip:
  musl: stable
`,
    printed: `error[bad-component]: \`lwip\` must be a version, a source or a map, not an empty value
 --> app/Kraftfile:3:3
  |
3 |   lwip:
  |   ^^^^
  = help: name a version, as in \`lwip: stable\``,
    isError: true,
  },
  {
    title: "a library's name becomes a directory, and must be one",
    text: `spec: v0.6
libraries:
  ../lwip: stable
`,
    printed: `error[bad-name]: "../lwip" can be no library's name
 --> app/Kraftfile:3:3
  |
3 |   ../lwip: stable
  |   ^^^^^^^
  = help: a name has letters, digits, \`-\`, \`_\`, \`.\` and \`+\``,
    isError: true,
  },
  {
    title: "a library in a list must have a name",
    text: `spec: v0.6
libraries:
  - {version: stable, source: ./lwip}
`,
    printed: `error[bad-component]: a library in a list must be a name, or a map with \`name\`
 --> app/Kraftfile:3:6
  |
3 |   - {version: stable, source: ./lwip}
  |      ^^^^^^^`,
    isError: true,
  },
  {
    title: "a library that stands twice in a list is a warning",
    text: `spec: v0.6
libraries:
  - lwip: stable
  - lwip: staging
`,
    printed: `warning[duplicate-key]: the library lwip stands here again; the last one counts
 --> app/Kraftfile:4:11
  |
4 |   - lwip: staging
  |           ^^^^^^^
note: first here
 --> app/Kraftfile:3:11
  |
3 |   - lwip: stable
  |           ^^^^^^`,
    isError: false,
  },
  {
    title: "a value that is null is no option's value",
    text: `spec: v0.6
unikraft:
  kconfig:
    CONFIG_X:
    CONFIG_Y: y
`,
    printed: `error[bad-kconfig]: CONFIG_X has no value
 --> app/Kraftfile:4:5
  |
4 |     CONFIG_X:
  |     ^^^^^^^^
  = help: write \`CONFIG_X: y\`, or \`CONFIG_X: n\``,
    isError: true,
  },
  {
    title: "a fraction is no option's value",
    text: `spec: v0.6
unikraft:
  kconfig:
    CONFIG_X: 1.5
`,
    printed: `error[bad-kconfig]: 1.5 is neither text nor a whole number
 --> app/Kraftfile:4:15
  |
4 |     CONFIG_X: 1.5
  |               ^^^
  = help: put quotes around it: "1.5"`,
    isError: true,
  },
  {
    title: "a list is no option's value",
    text: `spec: v0.6
unikraft:
  kconfig:
    CONFIG_X: [1, 2]
`,
    printed: `error[bad-kconfig]: CONFIG_X must have one value, not a list
 --> app/Kraftfile:4:5
  |
4 |     CONFIG_X: [1, 2]
  |     ^^^^^^^^`,
    isError: true,
  },
  {
    title: "an option in a list needs a value",
    text: `spec: v0.6
unikraft:
  kconfig:
    - CONFIG_X
    - CONFIG_Y=
    - 12
`,
    printed: `error[bad-kconfig]: an option in a list must be \`SYMBOL=value\`
 --> app/Kraftfile:4:7
  |
4 |     - CONFIG_X
  |       ^^^^^^^^
  = help: write \`CONFIG_X=y\`
error[bad-kconfig]: an option in a list must be \`SYMBOL=value\`
 --> app/Kraftfile:5:7
  |
5 |     - CONFIG_Y=
  |       ^^^^^^^^^
  = help: write \`CONFIG_Y=y\`
error[bad-kconfig]: an option in a list must be \`SYMBOL=value\`
 --> app/Kraftfile:6:7
  |
6 |     - 12
  |       ^^`,
    isError: true,
  },
  {
    title: "an option in a list takes no colon",
    text: `spec: v0.6
unikraft:
  kconfig:
    - CONFIG_X: y
`,
    printed: `error[bad-kconfig]: an option in a list must be \`SYMBOL=value\`
 --> app/Kraftfile:4:7
  |
4 |     - CONFIG_X: y
  |       ^^^^^^^^
  = help: write \`CONFIG_X=y\`, or leave out the dash`,
    isError: true,
  },
  {
    title: "options without their prefix have no effect, and say so",
    text: `spec: v0.6
unikraft:
  kconfig:
    LIBUKDEBUG: y
`,
    printed: `warning[bad-kconfig]: LIBUKDEBUG has no effect, as the names of options begin with CONFIG_
 --> app/Kraftfile:4:5
  |
4 |     LIBUKDEBUG: y
  |     ^^^^^^^^^^
  = help: write CONFIG_LIBUKDEBUG`,
    isError: false,
  },
  {
    title: "an option cannot begin another line",
    text: `spec: v0.6
unikraft:
  kconfig:
    CONFIG_X: "1\\nCONFIG_Y=y"
    "CONFIG_Z=y\\nCONFIG_X": y
`,
    printed: `error[bad-kconfig]: the value of CONFIG_X has more than one line
 --> app/Kraftfile:4:5
  |
4 |     CONFIG_X: "1\\nCONFIG_Y=y"
  |     ^^^^^^^^
error[bad-kconfig]: "CONFIG_Z=y\\nCONFIG_X" cannot be an option's name
 --> app/Kraftfile:5:5
  |
5 |     "CONFIG_Z=y\\nCONFIG_X": y
  |     ^^^^^^^^^^^^^^^^^^^^^^`,
    isError: true,
  },
  {
    title: "options cannot be a text",
    text: `spec: v0.6
unikraft:
  kconfig: CONFIG_X=y
`,
    printed: `error[bad-kconfig]: \`kconfig\` must be a map or a list of options, not text
 --> app/Kraftfile:3:12
  |
3 |   kconfig: CONFIG_X=y
  |            ^^^^^^^^^^
  = help: write \`CONFIG_LIBUKDEBUG: y\` on a line of its own below it`,
    isError: true,
  },
  {
    title: "an option that is set twice in a list, to other values, is a warning",
    text: `spec: v0.6
unikraft:
  kconfig:
    - CONFIG_X=1
    - CONFIG_X=2
`,
    printed: `warning[duplicate-key]: CONFIG_X is set again, to another value; the last one counts
 --> app/Kraftfile:5:7
  |
5 |     - CONFIG_X=2
  |       ^^^^^^^^^^
note: first here
 --> app/Kraftfile:4:7
  |
4 |     - CONFIG_X=1
  |       ^^^^^^^^^^`,
    isError: false,
  },
  {
    title: "a key that stands twice is a warning, and the last one counts",
    text: `spec: v0.6
unikraft:
  kconfig:
    CONFIG_LIBUK9P: 'y'
    CONFIG_LIBUK9P: 'n'
`,
    printed: `warning[duplicate-key]: "CONFIG_LIBUK9P" stands here again; the last one counts
 --> app/Kraftfile:5:5
  |
5 |     CONFIG_LIBUK9P: 'n'
  |     ^^^^^^^^^^^^^^
note: first here
 --> app/Kraftfile:4:5
  |
4 |     CONFIG_LIBUK9P: 'y'
  |     ^^^^^^^^^^^^^^`,
    isError: false,
  },
  {
    title: "a template must say something",
    text: `spec: v0.6
template: []
`,
    printed: `error[bad-component]: \`template\` must be a version, a source or a map, not a list
 --> app/Kraftfile:2:1
  |
2 | template: []
  | ^^^^^^^^
  = help: name its repository`,
    isError: true,
  },
  {
    title: "a runtime that is a number is refused",
    text: `spec: v0.6
runtime: 21
`,
    printed: `error[bad-runtime]: \`runtime\` must be text, not a number
 --> app/Kraftfile:2:10
  |
2 | runtime: 21
  |          ^^
  = help: name an image, as in \`runtime: base:latest\``,
    isError: true,
  },
  {
    title: "the names of runtimes are in lower case",
    text: `spec: v0.6
runtime: Base:latest
`,
    printed: `error[bad-runtime]: "Base:latest" can be no image's name
 --> app/Kraftfile:2:10
  |
2 | runtime: Base:latest
  |          ^^^^^^^^^^^
  = help: the names of images are in lower case`,
    isError: true,
  },
  {
    title: "a runtime with two tags is refused",
    text: `spec: v0.6
runtime:
  source: base:latest
  version: stable
`,
    printed: `error[bad-runtime]: "base:latest:stable" can be no image's name
 --> app/Kraftfile:2:1
  |
2 | runtime:
  | ^^^^^^^
  = help: write NAME:TAG, oci://REGISTRY/NAME:TAG, or kernel://PATH`,
    isError: true,
  },
  {
    title: "a runtime must say its source",
    text: `spec: v0.6
runtime:
  version: latest
`,
    printed: `error[bad-runtime]: \`runtime\` does not say its \`source\`
 --> app/Kraftfile:2:1
  |
2 | runtime:
  | ^^^^^^^`,
    isError: true,
  },
  {
    title: "a kernel must be at a path",
    text: `spec: v0.6
runtime: kernel://
`,
    printed: `error[bad-runtime]: \`kernel://\` must be followed by a path
 --> app/Kraftfile:2:10
  |
2 | runtime: kernel://
  |          ^^^^^^^^^`,
    isError: true,
  },
  {
    title: "v0.7 takes no map for a runtime",
    text: `spec: v0.7
runtime:
  source: base
`,
    printed: `error[bad-runtime]: \`runtime\` must be text, not a map
 --> app/Kraftfile:2:1
  |
2 | runtime:
  | ^^^^^^^
  = help: name an image, as in \`runtime: base:latest\``,
    isError: true,
  },
  {
    title: "targets must be a list",
    text: `spec: v0.6
targets: {qemu: x86_64}
`,
    printed: `error[wrong-type]: \`targets\` must be a list, not a map
 --> app/Kraftfile:2:1
  |
2 | targets: {qemu: x86_64}
  | ^^^^^^^
  = help: write \`- qemu/x86_64\` on a line of its own below it`,
    isError: true,
  },
  {
    title: "a target without a slash has no architecture",
    text: `spec: v0.6
targets:
  - kvm
  - ''
`,
    printed: `error[bad-target]: a target must say its architecture
 --> app/Kraftfile:3:5
  |
3 |   - kvm
  |     ^^^
  = help: write PLATFORM/ARCHITECTURE, as in qemu/x86_64
error[bad-target]: a target must say its platform
 --> app/Kraftfile:4:5
  |
4 |   - ''
  |     ^^
  = help: write PLATFORM/ARCHITECTURE, as in qemu/x86_64`,
    isError: true,
  },
  {
    title: "the platform stands before the architecture",
    text: `spec: v0.6
targets:
  - x86_64/qemu
`,
    printed: `error[bad-target]: the platform stands before the architecture
 --> app/Kraftfile:3:5
  |
3 |   - x86_64/qemu
  |     ^^^^^^^^^^^
  = help: write qemu/x86_64`,
    isError: true,
  },
  {
    title: "architectures have the names that Unikraft has for them",
    text: `spec: v0.6
targets:
  - qemu/amd64
  - qemu/x86_46
  - qemu/riscv64
`,
    printed: `error[bad-target]: there is no architecture "amd64"
 --> app/Kraftfile:3:5
  |
3 |   - qemu/amd64
  |     ^^^^^^^^^^
  = help: write x86_64
error[bad-target]: there is no architecture "x86_46"
 --> app/Kraftfile:4:5
  |
4 |   - qemu/x86_46
  |     ^^^^^^^^^^^
  = help: did you mean "x86_64"?
error[bad-target]: there is no architecture "riscv64"
 --> app/Kraftfile:5:5
  |
5 |   - qemu/riscv64
  |     ^^^^^^^^^^^^
  = help: there are x86_64, arm64, arm`,
    isError: true,
  },
  {
    title: "an unknown platform is a warning",
    text: `spec: v0.6
targets:
  - qmeu/x86_64
`,
    printed: `warning[bad-target]: the platform qmeu is not known
 --> app/Kraftfile:3:5
  |
3 |   - qmeu/x86_64
  |     ^^^^^^^^^^^
  = help: did you mean "qemu"?`,
    isError: false,
  },
  {
    title: "a platform is one word",
    text: `spec: v0.6
targets:
  - platform: a b
    arch: arm64
`,
    printed: `error[bad-target]: "a b" can be no platform
 --> app/Kraftfile:3:5
  |
3 |   - platform: a b
  |     ^^^^^^^^
  = help: write a word such as qemu`,
    isError: true,
  },
  {
    title: "a target in a map must say its platform and architecture",
    text: `spec: v0.6
targets:
  - name: a
    plat: qemu
  - arch: x86_64
  - platform: {}
    arch: x86_64
`,
    printed: `error[bad-target]: a target must say its architecture
 --> app/Kraftfile:3:11
  |
3 |   - name: a
  |           ^
  = help: write PLATFORM/ARCHITECTURE, as in qemu/x86_64
error[bad-target]: a target must say its platform
 --> app/Kraftfile:5:5
  |
5 |   - arch: x86_64
  |     ^^^^
  = help: write PLATFORM/ARCHITECTURE, as in qemu/x86_64
error[bad-target]: \`platform\` does not say its \`name\`
 --> app/Kraftfile:6:5
  |
6 |   - platform: {}
  |     ^^^^^^^^`,
    isError: true,
  },
  {
    title: "two targets cannot be told apart by their options",
    text: `spec: v0.6
targets:
  - qemu/x86_64
  - platform: kvm
    architecture: x86_64
    kconfig:
      CONFIG_X: y
`,
    printed: `error[duplicate-target]: a second target is for qemu/x86_64
 --> app/Kraftfile:4:5
  |
4 |   - platform: kvm
  |     ^^^^^^^^
note: the first
 --> app/Kraftfile:3:5
  |
3 |   - qemu/x86_64
  |     ^^^^^^^^^^^
  = help: give each of them a \`name\` of its own`,
    isError: true,
  },
  {
    title: "a target's name is a part of its label",
    text: `spec: v0.6
targets:
  - name: 'a:b'
    platform: qemu
    architecture: x86_64
`,
    printed: `error[bad-name]: "a:b" can be no target's name
 --> app/Kraftfile:3:11
  |
3 |   - name: 'a:b'
  |           ^^^^^`,
    isError: true,
  },
  {
    title: "a target says the same thing once",
    text: `spec: v0.6
targets:
  - plat: qemu
    platform: xen
    arch: x86_64
    kernel: k
`,
    printed: `warning[bad-target]: \`platform\` and \`plat\` mean the same; the former counts
 --> app/Kraftfile:3:5
  |
3 |   - plat: qemu
  |     ^^^^
warning[unknown-attribute]: \`kernel\` is no key of a target, and has no effect
 --> app/Kraftfile:6:5
  |
6 |     kernel: k
  |     ^^^^^^
  = help: write \`output\` for the kernel's file, or \`name\``,
    isError: false,
  },
  {
    title: "a target that is a number is refused",
    text: `spec: v0.6
targets:
  - 12
  - [qemu, x86_64]
`,
    printed: `error[bad-target]: a target must be text or a map, not a number
 --> app/Kraftfile:3:5
  |
3 |   - 12
  |     ^^
  = help: write \`- qemu/x86_64\`
error[bad-target]: a target must be text or a map, not a list
 --> app/Kraftfile:4:5
  |
4 |   - [qemu, x86_64]
  |     ^^^^^^^^^^^^^^
  = help: write \`- qemu/x86_64\``,
    isError: true,
  },
  {
    title: "a root file system must be at a path",
    text: `spec: v0.6
rootfs: ''
`,
    printed: `error[bad-rootfs]: "" can be no path
 --> app/Kraftfile:2:9
  |
2 | rootfs: ''
  |         ^^`,
    isError: true,
  },
  {
    title: "a root file system that is a number is refused",
    text: `spec: v0.6
rootfs: 12
`,
    printed: `error[bad-rootfs]: \`rootfs\` must be a path or a map, not a number
 --> app/Kraftfile:2:9
  |
2 | rootfs: 12
  |         ^^`,
    isError: true,
  },
  {
    title: "a root file system has a source",
    text: `spec: v0.6
rootfs:
  from: local
  type: cpio
`,
    printed: `error[bad-rootfs]: a root file system must say its \`source\`
 --> app/Kraftfile:2:1
  |
2 | rootfs:
  | ^^^^^^
warning[unknown-attribute]: \`from\` is no key of a root file system, and has no effect
 --> app/Kraftfile:3:3
  |
3 |   from: local
  |   ^^^^
  = help: write \`source\``,
    isError: true,
  },
  {
    title: "root file systems have known types",
    text: `spec: v0.6
rootfs:
  source: ./rootfs
  type: cpoi
`,
    printed: `error[bad-rootfs]: \`type\` must be one of dockerfile, dir, file, tarball, cpio, erofs, oci
 --> app/Kraftfile:4:9
  |
4 |   type: cpoi
  |         ^^^^
  = help: did you mean "cpio"?`,
    isError: true,
  },
  {
    title: "root file systems have known formats",
    text: `spec: v0.6
rootfs:
  source: ./rootfs
  format: vfat
`,
    printed: `error[bad-rootfs]: \`format\` must be one of cpio, erofs, ext2, ext4, squashfs, tar
 --> app/Kraftfile:4:11
  |
4 |   format: vfat
  |           ^^^^`,
    isError: true,
  },
  {
    title: "a type beside a source that is a map is refused",
    text: `spec: v0.7
rootfs:
  source:
    path: ./rootfs
  type: dir
`,
    printed: `error[bad-rootfs]: \`type\` must stand inside \`source\`, where \`source\` is a map
 --> app/Kraftfile:5:3
  |
5 |   type: dir
  |   ^^^^`,
    isError: true,
  },
  {
    title: "a Dockerfile is no directory",
    text: `spec: v0.7
rootfs:
  source:
    dockerfile: Dockerfile
    type: dir
`,
    printed: `error[bad-rootfs]: with \`dockerfile\`, \`type\` must be dockerfile
 --> app/Kraftfile:5:11
  |
5 |     type: dir
  |           ^^^`,
    isError: true,
  },
  {
    title: "ROMs must be a list",
    text: `spec: v0.6
roms: ./rom
`,
    printed: `error[wrong-type]: \`roms\` must be a list, not text
 --> app/Kraftfile:2:7
  |
2 | roms: ./rom
  |       ^^^^^`,
    isError: true,
  },
  {
    title: "a ROM must be a path or a map",
    text: `spec: v0.6
roms:
  - 12
  - [./rom]
`,
    printed: `error[bad-rootfs]: a ROM must be a path or a map, not a number
 --> app/Kraftfile:3:5
  |
3 |   - 12
  |     ^^
error[bad-rootfs]: a ROM must be a path or a map, not a list
 --> app/Kraftfile:4:5
  |
4 |   - [./rom]
  |     ^^^^^^^`,
    isError: true,
  },
  {
    title: "arguments must be text",
    text: `spec: v0.6
cmd: [a, [b], ~, {c: d}]
`,
    printed: `error[bad-attribute]: an argument must be text, not a list
 --> app/Kraftfile:2:10
  |
2 | cmd: [a, [b], ~, {c: d}]
  |          ^^^
error[bad-attribute]: an argument must be text, not an empty value
 --> app/Kraftfile:2:15
  |
2 | cmd: [a, [b], ~, {c: d}]
  |               ^
error[bad-attribute]: an argument must be text, not a map
 --> app/Kraftfile:2:19
  |
2 | cmd: [a, [b], ~, {c: d}]
  |                   ^`,
    isError: true,
  },
  {
    title: "`cmd` must be text or a list",
    text: `spec: v0.6
cmd: {a: b}
`,
    printed: `error[wrong-type]: \`cmd\` must be text or a list, not a map
 --> app/Kraftfile:2:1
  |
2 | cmd: {a: b}
  | ^^^`,
    isError: true,
  },
  {
    title: "a quote in `cmd` must be closed",
    text: `spec: v0.6
cmd: "echo 'a"
`,
    printed: `error[bad-attribute]: a quote in \`cmd\` is not closed
 --> app/Kraftfile:2:6
  |
2 | cmd: "echo 'a"
  |      ^^^^^^^^^
  = help: write the arguments as a list, in which quotes mean nothing`,
    isError: true,
  },
  {
    title: "`env` must be a map or a list",
    text: `spec: v0.6
env: A=b
`,
    printed: `error[bad-environment]: \`env\` must be a map or a list, not text
 --> app/Kraftfile:2:6
  |
2 | env: A=b
  |      ^^^
  = help: write NAME: value below it`,
    isError: true,
  },
  {
    title: "a variable has one value, and a name",
    text: `spec: v0.6
env:
  A: [1]
  B C: d
`,
    printed: `error[bad-environment]: A must have one value, not a list
 --> app/Kraftfile:3:3
  |
3 |   A: [1]
  |   ^
error[bad-environment]: "B C" can be no variable's name
 --> app/Kraftfile:4:3
  |
4 |   B C: d
  |   ^^^`,
    isError: true,
  },
  {
    title: "an item of `env` is a text",
    text: `spec: v0.6
env:
  - A=1
  - A=2
  - {B: 1}
  - =x
`,
    printed: `warning[duplicate-key]: A is set again, to another value; the last one counts
 --> app/Kraftfile:4:5
  |
4 |   - A=2
  |     ^^^
note: first here
 --> app/Kraftfile:3:5
  |
3 |   - A=1
  |     ^^^
error[bad-environment]: an item of \`env\` must be NAME=value, not a map
 --> app/Kraftfile:5:6
  |
5 |   - {B: 1}
  |      ^
error[bad-environment]: "" can be no variable's name
 --> app/Kraftfile:6:5
  |
6 |   - =x
  |     ^^`,
    isError: true,
  },
  {
    title: "`labels` must be a map or a list",
    text: `spec: v0.6
labels: 12
`,
    printed: `error[bad-attribute]: \`labels\` must be a map or a list, not a number
 --> app/Kraftfile:2:9
  |
2 | labels: 12
  |         ^^
  = help: write NAME: value below it`,
    isError: true,
  },
  {
    title: "labels have one value each",
    text: `spec: v0.6
labels:
  a: {b: c}
`,
    printed: `error[bad-attribute]: a must have one value, not a map
 --> app/Kraftfile:3:3
  |
3 |   a: {b: c}
  |   ^`,
    isError: true,
  },
  {
    title: "labels in v0.7 have plain names",
    text: `spec: v0.7
labels:
  a b: c
`,
    printed: `error[bad-attribute]: "a b" can be no label's name
 --> app/Kraftfile:3:3
  |
3 |   a b: c
  |   ^^^
  = help: a name has letters, digits, and any of . _ / -`,
    isError: true,
  },
  {
    title: "`volumes` must be a list",
    text: `spec: v0.6
volumes: ./data
`,
    printed: `error[wrong-type]: \`volumes\` must be a list, not text
 --> app/Kraftfile:2:10
  |
2 | volumes: ./data
  |          ^^^^^^
  = help: write \`- ./data:/data\` on a line of its own below it`,
    isError: true,
  },
  {
    title: "a volume has at most three parts",
    text: `spec: v0.6
volumes:
  - a:b:ro:x
  - a:b:rx
  - :b
  - 12
`,
    printed: `error[bad-volume]: a volume must be SOURCE, SOURCE:DESTINATION or SOURCE:DESTINATION:MODE
 --> app/Kraftfile:3:5
  |
3 |   - a:b:ro:x
  |     ^^^^^^^^
  = help: MODE is ro or rw
error[bad-volume]: a volume must be SOURCE, SOURCE:DESTINATION or SOURCE:DESTINATION:MODE
 --> app/Kraftfile:4:5
  |
4 |   - a:b:rx
  |     ^^^^^^
  = help: MODE is ro or rw
error[bad-volume]: a volume must be SOURCE, SOURCE:DESTINATION or SOURCE:DESTINATION:MODE
 --> app/Kraftfile:5:5
  |
5 |   - :b
  |     ^^
  = help: MODE is ro or rw
error[bad-volume]: a volume must be text or a map, not a number
 --> app/Kraftfile:6:5
  |
6 |   - 12
  |     ^^`,
    isError: true,
  },
  {
    title: "a volume must say its source",
    text: `spec: v0.6
volumes:
  - driver: 9pfs
  - source: ./a
    readOnly: maybe
    readonl: true
  - source: ./b
    mode: rx
`,
    printed: `error[bad-volume]: a volume must say its \`source\`
 --> app/Kraftfile:3:5
  |
3 |   - driver: 9pfs
  |     ^^^^^^
error[bad-volume]: \`readOnly\` must be true or false, not text
 --> app/Kraftfile:5:15
  |
5 |     readOnly: maybe
  |               ^^^^^
warning[unknown-attribute]: \`readonl\` is no key of a volume, and has no effect
 --> app/Kraftfile:6:5
  |
6 |     readonl: true
  |     ^^^^^^^
  = help: did you mean "readonly"?
error[bad-volume]: \`mode\` must be ro or rw
 --> app/Kraftfile:8:11
  |
8 |     mode: rx
  |           ^^`,
    isError: true,
  },
  {
    title: "a variable that nobody knows is empty, with a warning",
    text: `spec: v0.6
cmd: [sh, -c, 'echo $HOME \${USER}']
`,
    printed: `warning[bad-interpolation]: no variable is known here, so $HOME is empty
 --> app/Kraftfile:2:15
  |
2 | cmd: [sh, -c, 'echo $HOME \${USER}']
  |               ^^^^^^^^^^^^^^^^^^^^
  = help: write $$ for a dollar sign`,
    isError: false,
  },
  {
    title: "a dollar sign must begin a variable",
    text: `spec: v0.6
cmd: [sh, -c, 'echo $(date)', '\${', 'a $']
`,
    printed: `error[bad-interpolation]: a $ stands here that begins no variable
 --> app/Kraftfile:2:15
  |
2 | cmd: [sh, -c, 'echo $(date)', '\${', 'a $']
  |               ^^^^^^^^^^^^^^
  = help: write $$ for a dollar sign
error[bad-interpolation]: a $ stands here that begins no variable
 --> app/Kraftfile:2:31
  |
2 | cmd: [sh, -c, 'echo $(date)', '\${', 'a $']
  |                               ^^^^
  = help: write $$ for a dollar sign
error[bad-interpolation]: a $ stands here that begins no variable
 --> app/Kraftfile:2:37
  |
2 | cmd: [sh, -c, 'echo $(date)', '\${', 'a $']
  |                                     ^^^^^
  = help: write $$ for a dollar sign`,
    isError: true,
  },
  {
    title: "mistakes of YAML and of Kraftfiles are shown in one run",
    text: `spec: v0.6
nmae: app
targets:
  - qemu
unikraft: *core
`,
    printed: `warning[unknown-attribute]: \`nmae\` is no key of a Kraftfile, and has no effect
 --> app/Kraftfile:2:1
  |
2 | nmae: app
  | ^^^^
  = help: did you mean "name"?
error[bad-target]: a target must say its architecture
 --> app/Kraftfile:4:5
  |
4 |   - qemu
  |     ^^^^
  = help: write PLATFORM/ARCHITECTURE, as in qemu/x86_64
error[yaml-syntax]: there is no anchor "&core" above this alias
 --> app/Kraftfile:5:11
  |
5 | unikraft: *core
  |           ^^^^^`,
    isError: true,
  },
  {
    title: "a required variable is missing",
    text: `spec: v0.6
name: \${NAME:?must be set}
`,
    printed: `error[bad-interpolation]: the variable NAME is required: must be set
 --> app/Kraftfile:2:7
  |
2 | name: \${NAME:?must be set}
  |       ^^^^^^^^^^^^^^^^^^^^
  = help: write $$ for a dollar sign`,
    isError: true,
  },
];
