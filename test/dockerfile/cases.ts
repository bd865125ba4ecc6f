/** A Dockerfile, and what is known of its result. */
export interface DockerfileCase {
  readonly name: string;
  readonly text: string;
  /** Lines that the tree must have, where buildah cannot say: it knows the form not, or differs. */
  readonly expected?: readonly string[];
  /** Whether it is compared with what BuildKit makes, and nothing else. */
  readonly isForBuildkit?: boolean;
}

const base = "FROM localhost/base AS base\n";
const scratch = "FROM scratch\n";
const taken = "FROM scratch\nCOPY --from=0 /w/x /\n";

/** In the context: see `makeContext` of the test. Both tools build them all but those expected. */
const compared: Readonly<Record<string, string>> = {
  "file to file": `${scratch}COPY a.txt /x\n`,
  "file to directory": `${scratch}COPY a.txt /x/\n`,
  "file into the root": `${scratch}COPY a.txt /\n`,
  "several files": `${scratch}COPY a.txt b.txt /x/\n`,
  pattern: `${scratch}COPY *.txt /x/\n`,
  "pattern with a question mark": `${scratch}COPY ?.txt /x/\n`,
  "pattern with a set": `${scratch}COPY [ab].txt /x/\n`,
  "pattern of directories": `${scratch}COPY d* /x/\n`,
  "pattern below a directory": `${scratch}COPY dir/*.c /x/\n`,
  "pattern in the middle": `${scratch}COPY d*/sub /x/\n`,
  directory: `${scratch}COPY dir /x\n`,
  "directory with a slash": `${scratch}COPY dir/ /x/\n`,
  "directory into the root": `${scratch}COPY dir /\n`,
  "directory and file": `${scratch}COPY dir a.txt /x/\n`,
  "run as a user": `${base}RUN mkdir -m 777 /w\nUSER web\nWORKDIR /w\nRUN (id -u; id -g; id -G; pwd; echo $HOME) > x\n${taken}`,
  "run as user and group": `${base}RUN mkdir -m 777 /w\nUSER 12:34\nRUN (id -u; id -G; echo $HOME) > /w/x\n${taken}`,
  "JSON form": `${scratch}COPY ["a.txt", "with space", "/x y/"]\n`,
  "empty directory and file": `${scratch}COPY empty /x/\n`,
  links: `${scratch}COPY links /x/\n`,
  "link to a file": `${scratch}COPY links/to-file /x\n`,
  modes: `${scratch}COPY modes /x/\n`,
  "dots in a source": `${scratch}COPY dir/../a.txt /x\n`,
  "slash before a source": `${scratch}COPY /a.txt /x\n`,
  "relative destination": `${scratch}WORKDIR /w\nCOPY a.txt sub/x\n`,
  "dot as destination": `${scratch}WORKDIR /w\nCOPY a.txt .\n`,
  "two dots as destination": `${scratch}WORKDIR /w/v\nCOPY a.txt ../\n`,
  "working directories": `${scratch}WORKDIR /a\nWORKDIR b\nWORKDIR ../c\nCOPY a.txt ./\n`,
  "working directory of the base": `${base}COPY a.txt here/\n`,
  "over a file": `${scratch}COPY a.txt /x\nCOPY b.txt /x\n`,
  "into a directory that is there": `${scratch}COPY dir /x\nCOPY modes /x\n`,
  "two layers of one directory": `${scratch}COPY dir /x/\nCOPY a.txt /x/sub/\n`,
  "numeric owner": `${scratch}COPY --chown=5:6 dir /x/\n`,
  "numeric user alone": `${scratch}COPY --chown=5 a.txt /x\n`,
  "named owner": `${base}COPY --chown=web:wheel a.txt /x\n`,
  "named user with number": `${base}COPY --chown=web:5 dir /x\n`,
  mode: `${scratch}COPY --chmod=640 a.txt /x\n`,
  "through a link of the base": `${base}COPY a.txt /lib/x\n`,
  "through an absolute link": `${base}COPY a.txt /usr/abs/x\n`,
  "directory through a link": `${base}COPY dir /lib/x\n`,
  "from a stage": `${base}FROM scratch\nCOPY --from=base /opt /x/\n`,
  "from a stage by number": `${base}FROM scratch\nCOPY --from=0 /opt/deep /x\n`,
  "from a stage through a link": `${base}FROM scratch\nCOPY --from=base /lib/libc.so.6 /lib/\n`,
  "final link from a stage": `${base}FROM scratch\nCOPY --from=base /lib/libc.so /lib/libc.so.6\n`,
  "dots through a link": `${base}FROM scratch\nCOPY --from=base /usr/bin/../lib/libc.so.6 /x\n`,
  "pattern in a stage": `${base}FROM scratch\nCOPY --from=base /opt/deep/* /x/\n`,
  "owner from a stage": `${base}FROM scratch\nCOPY --from=base --chown=3:4 /opt/deep/one /x\n`,
  "a stage on a stage": `${scratch.trim()} AS one\nCOPY a.txt /a\nFROM one AS two\nCOPY b.txt /b\nFROM two\nCOPY --from=one /a /c\n`,
  "a stage that nobody needs": `${base}RUN false\nFROM scratch\nCOPY a.txt /\n`,
  arguments: `ARG F=a\n${scratch}ARG F\nARG G=\${F}.txt\nCOPY $G /\${F}/\n`,
  "environment in a path": `${scratch}ENV D=/x F=a.txt\nCOPY \${F} $D/\${NONE:-none}/\n`,
  "run in shell form": `${base}RUN echo hi > /x && mkdir /y\n`,
  "run in exec form": `${base}RUN ["sh", "-c", "echo hi > /x"]\n`,
  "run in a directory": `${base}WORKDIR /w\nRUN pwd > x\n`,
  "run with environment": `${base}ENV A="b c"\nARG D=e\nRUN echo "$A $D $BASE" > /x\n`,
  "run with another shell": `${base}SHELL ["/bin/sh", "-xc"]\nRUN echo $0 > /x\n`,
  "run on continued lines": `${base}RUN echo a \\\n  # why\n\n && echo b > /x \\\n && echo c >> /x\n`,
  "run removes": `${base}RUN rm -r /opt/deep\n`,
  "run removes and makes again": `${base}RUN rm -r /opt/deep && mkdir /opt/deep && echo n > /opt/deep/new\n`,
  "run replaces a link by a directory": `${base}RUN rm /usr/abs && mkdir /usr/abs && echo x > /usr/abs/f\n`,
  "run changes a mode": `${base}RUN chmod 600 /opt/deep/two && chown 9:9 /opt\n`,
  "run makes links": `${base}RUN cd /opt && ln -s deep soft && echo n > new && ln new hard && mkfifo p\n`,
  "run sets special bits": `${base}RUN touch /x && chmod 6755 /x && mkdir -m 3777 /y\n`,
  "run after copy after run": `${base}RUN echo 1 > /x\nCOPY a.txt /y\nRUN cat /y >> /x && rm /y\n`,
  "copy over what run removed": `${base}RUN rm -r /opt/deep\nCOPY dir /opt/deep\n`,
  "add a file": `${scratch}ADD a.txt /x\n`,
  "add a directory": `${scratch}ADD dir /x\n`,
  "copy an archive": `${scratch}COPY archive.tar.gz /x/\n`,
  "run with a file of a stage": `${base}RUN mkdir /m && echo s > /m/f\nFROM localhost/base\nRUN --mount=type=bind,from=base,source=/m,target=/n cat /n/f > /x\n`,
  "run makes a tree": `${base}RUN mkdir -p /t/a/b && chmod 700 /t/a && echo 1 > /t/a/b/c && ln -s a/b /t/l\n`,
  "run in directories that something was copied to": `${base}COPY a.txt /tmp/\nCOPY dir /opt/deep\nWORKDIR /opt/deep/new\nRUN stat -c %a:%u:%g /tmp /opt /opt/deep > x && touch /tmp/y /opt/deep/z\n`,
  "run moves a directory": `${base}RUN mv /opt/deep /srv && echo n > /srv/new\n`,
  "run truncates a file of the base": `${base}RUN : > /etc/group\n`,
  "run replaces a directory by a file": `${base}RUN rm -r /opt/deep && echo f > /opt/deep\n`,
  "arguments of the image's name": `ARG NAME=base\nFROM localhost/\${NAME}\nCOPY a.txt /x\n`,
  "arguments with a default of another": `${scratch}ARG A=a\nARG B=\${A}.txt\nCOPY $B /$A\n`,
  "image that is named by a copy": `${scratch}COPY --from=localhost/base /opt/deep /x\n`,
  "stage called as its image": `FROM localhost/base AS first\nRUN echo 1 > /x\nFROM first\nRUN echo 2 >> /x\n`,
  "another escape": `# escape=\`\n${base}RUN echo a && \`\n echo b > /x\n`,
  "links from a stage": `FROM localhost/base AS one\nRUN ln -s /opt/deep /abs && ln -s opt/deep /rel\nFROM scratch\nCOPY --from=one /abs/one /a/\nCOPY --from=one /rel /b\n`,
  "special files from a stage": `FROM localhost/base AS one\nRUN mkdir -m 2775 /s && mkfifo /s/p && chown 3:4 /s/p\nFROM scratch\nCOPY --from=one /s /s\n`,
  "sticky directory from a stage": `${base}FROM scratch\nCOPY --from=base /tmp /tmp\n`,
  "labels and the rest": `${scratch}LABEL a=b\nEXPOSE 80\nVOLUME /v\nCMD ["x"]\nCOPY a.txt /\n`,
};

/** Trees have a character for each byte. */
function latin1(text: string): string {
  return Buffer.from(text).toString("latin1");
}

/** What buildah does otherwise, or refuses. */
const forBuildkit: Readonly<Record<string, string>> = {
  "run with a network of its own": `${base}RUN --network=none ls /sys/class/net > /x\n`,
  "modes with more zeros, and owners in part": `${base}COPY --chmod=00751 a.txt /x\nCOPY --chown=:5 a.txt /y\nCOPY --chown=web: a.txt /z\n`,
  "ports one by one": `${scratch}EXPOSE 8000-8002/udp 90\nEXPOSE 80/TCP\nCOPY a.txt /\n`,
  "run in a volume": `${base}VOLUME /v\nRUN mkdir -p /v && echo x > /v/f\n`,
};

const unpacked = [
  'x/one.c file 0644 5:6 "1"',
  'x/one.h file 0644 5:6 "h"',
  "x/sub directory 0755 5:6",
  'x/sub/three.c file 0644 5:6 "3"',
];

/** Forms that buildah 1.28 does not know, or where it and BuildKit differ. */
const told: Readonly<Record<string, readonly [text: string, ...lines: string[]]>> = {
  "here-document": [
    `${scratch}ENV V=1\nCOPY <<a <<-'b' /x/\nv=$V\na\n\tv=$V\nb\n`,
    "x directory 0755 0:0",
    'x/a file 0644 0:0 "v=1\\n"',
    'x/b file 0644 0:0 "v=$V\\n"',
  ],
  "link to a directory that is made": [
    `${scratch}COPY --link a.txt /x/y\n`,
    "x directory 0755 0:0",
    'x/y file 0644 0:0 "a"',
  ],
  "excluded files": [
    `${scratch}COPY --exclude=*.c --exclude=sub dir /x\n`,
    "x directory 0755 0:0",
    'x/one.h file 0644 0:0 "h"',
  ],
  "with parents": [
    `${scratch}COPY --parents dir/sub/three.c a.txt /x/\n`,
    "x directory 0755 0:0",
    'x/a.txt file 0644 0:0 "a"',
    "x/dir directory 0755 0:0",
    "x/dir/sub directory 0755 0:0",
    'x/dir/sub/three.c file 0644 0:0 "3"',
  ],
  "with parents behind a pivot": [
    `${scratch}COPY --parents ./dir/./sub/*.c /x/\n`,
    "x directory 0755 0:0",
    "x/sub directory 0755 0:0",
    'x/sub/three.c file 0644 0:0 "3"',
  ],
  "with parents, whose modes they keep": [
    `${scratch}COPY --parents closed/in/file ./closed/./in/f* /x/\n`,
    "x directory 0755 0:0",
    "x/closed directory 0755 0:0",
    "x/closed/in directory 0711 0:0",
    'x/closed/in/file file 0644 0:0 "c"',
    "x/in directory 0711 0:0",
    'x/in/file file 0644 0:0 "c"',
  ],
  "with parents, of which some are links": [
    `${scratch}COPY --parents links/to-* links/*/one.c nothing* /x/\n`,
    "x directory 0755 0:0",
    "x/links directory 0755 0:0",
    "x/links/to-dir symlink 0:0 -> ../dir",
    "x/links/to-file symlink 0:0 -> file",
  ],
  "with parents of a stage, of which some are links": [
    `${base}FROM scratch\nCOPY --parents --from=base /lib/./libc.so* /bin /l*/libc.so.6 /opt/deep/one /x/\n`,
    "x directory 0755 0:0",
    "x/bin symlink 0:0 -> usr/bin",
    "x/libc.so symlink 0:0 -> libc.so.6",
    'x/libc.so.6 file 0644 0:0 "libc"',
    "x/opt directory 0755 0:0",
    "x/opt/deep directory 0750 0:0",
    'x/opt/deep/one file 0644 7:8 "1"',
  ],
  "with parents whose names are no ASCII": [
    `${scratch}COPY --parents closed/ü/é.txt closed/ü/./*.txt /x/\n`,
    "x directory 0755 0:0",
    "x/closed directory 0755 0:0",
    `x/closed/${latin1("ü")} directory 0755 0:0`,
    `x/closed/${latin1("ü/é")}.txt file 0644 0:0 "u"`,
    `x/${latin1("é")}.txt file 0644 0:0 "u"`,
  ],
  "mode in words": [
    `${scratch}COPY --chmod=u=rwX,go=r dir/one.c /x\nCOPY --chmod=go-rwx dir/sub /y/\n`,
    'x file 0644 0:0 "1"',
    "y directory 0755 0:0",
    'y/three.c file 0600 0:0 "3"',
  ],
  "owner of directories that are made": [
    `${scratch}COPY --chown=5:6 --chmod=750 a.txt /x/y/\n`,
    "x directory 0750 5:6",
    "x/y directory 0750 5:6",
    'x/y/a.txt file 0750 5:6 "a"',
  ],
  // The entry of an archive for its own directory says nothing of the one it is unpacked to.
  "archive that is added": [`${scratch}ADD archive.tar /x/\n`, "x directory 0755 0:0", ...unpacked],
  "compressed archive that is added": [
    `${scratch}ADD archive.tar.gz /x/\n`,
    "x directory 0755 0:0",
    ...unpacked,
  ],
  // Buildah's isolation by chroot lets nobody make a device.
  "run makes a device": [
    `${base}RUN mkdir /w && mknod /w/x c 1 3\n${taken}`,
    "x device 0644 0:0 1,3",
  ],
  "run with mounts": [
    `${base}RUN mkdir /w
RUN --mount=type=cache,target=/c echo 1 >> /c/f
RUN --mount=type=cache,target=/c --mount=type=bind,source=dir,target=/m --mount=type=tmpfs,target=/t \\
  cat /c/f /m/sub/three.c > /w/x && touch /t/y && if touch /m/z 2> /dev/null; then false; fi
RUN ! ls /c /m /t 2> /dev/null
${taken}`,
    'x file 0644 0:0 "1\\n3"',
  ],
  "run with a cache that begins with what a stage has": [
    `FROM localhost/base AS seed
RUN mkdir -p /s/d && echo 1 > /s/d/f && chown 5:6 /s/d/f && chmod 0700 /s
${base}RUN mkdir /w
RUN --mount=type=cache,from=seed,source=/s,id=part,target=/c echo 2 >> /c/d/f
RUN --mount=type=cache,from=seed,source=/s,id=part,target=/c cat /c/d/f > /w/x && stat -c %a:%u:%g /c /c/d/f > /w/y
RUN --mount=type=cache,from=seed,id=all,target=/c cat /c/s/d/f > /w/z
RUN --mount=type=cache,from=seed,id=own,uid=7,target=/c stat -c %u /c > /w/own && ls /c >> /w/own
FROM scratch
COPY --from=base /w/ /
`,
    'own file 0644 0:0 "7\\n"',
    'x file 0644 0:0 "1\\n2\\n"',
    'y file 0644 0:0 "700:0:0\\n644:5:6\\n"',
    'z file 0644 0:0 "1\\n"',
  ],
  "run with a script": [
    `${base}RUN mkdir /w\nRUN <<EOF\n#!/bin/sh\necho "$0" > /w/x\nEOF\n${taken}`,
    'x file 0644 0:0 "/dev/pipes/EOF\\n"',
  ],
  "pattern that matches nothing": [
    `${scratch}COPY a.txt nothing* /x/\n`,
    "x directory 0755 0:0",
    'x/a.txt file 0644 0:0 "a"',
  ],
};

export const cases: readonly DockerfileCase[] = [
  ...Object.entries(forBuildkit).map(([name, text]) => ({ name, text, isForBuildkit: true })),
  ...Object.entries(compared).map(([name, text]) => ({ name, text })),
  ...Object.entries(told).map(([name, [text, ...expected]]) => ({ name, text, expected })),
];
