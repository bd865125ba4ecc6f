// Dockerfiles that need a distribution: its merged directories, its programs, what they do to files.

import type { DockerfileCase } from "./cases.ts";

const debian = "FROM localhost/debian AS debian\n";
const libraries = "/lib/x86_64-linux-gnu";
const loader = "/lib64/ld-linux-x86-64.so.2";

const compared: Readonly<Record<string, string>> = {
  "copies into merged directories": `${debian}COPY a.txt /lib/x\nCOPY dir /bin/sub/\nCOPY b.txt /lib64/\nCOPY --chown=games:daemon a.txt /sbin/y\n`,
  "working directory in a merged one": `${debian}WORKDIR /lib/app\nRUN pwd > here && touch ../beside\nCOPY a.txt ../up/\n`,
  "binary with its libraries": `${debian}FROM scratch
COPY --from=debian /bin/cat /bin/
COPY --from=debian ${libraries}/libc.so.6 ${libraries}/
COPY --from=debian ${loader} /lib64/
COPY a.txt /etc/
RUN ["/bin/cat", "/etc/a.txt"]
`,
  "libraries as the loader lists them": `${debian}RUN mkdir /out && for file in $(${loader} --list /bin/sed | sed -n 's/.* => \\([^ ]*\\) .*/\\1/p') ${loader} /bin/sed; do cp --parents "$file" /out; done
FROM scratch
COPY --from=debian /out /
COPY a.txt /etc/
RUN ["/bin/sed", "-n", "w /copy", "/lib64/../bin/sed"]
`,
  "merged directories as sources": `${debian}FROM scratch\nCOPY --from=debian /lib64 /a\nCOPY --from=debian /lib64/l* /b/\nCOPY --from=debian /bin/../lib64/ /lib64/\nCOPY --from=debian /bin/sh /c\n`,
  "a merged directory becomes one of its own": `${debian}RUN rm /sbin && mkdir -m 711 /sbin && echo x > /sbin/x\nCOPY a.txt /sbin/\n`,
  "a package is installed": `${debian}RUN mkdir -p p/DEBIAN p/usr/share/p && printf 'Package: p\\nVersion: 1\\nArchitecture: all\\nMaintainer: p\\nDescription: p\\n' > p/DEBIAN/control && printf '#!/bin/sh\\necho "$1" > /usr/share/p/told\\n' > p/DEBIAN/postinst && chmod 755 p/DEBIAN/postinst && echo p > p/usr/share/p/file && ln p/usr/share/p/file p/usr/share/p/hard && dpkg-deb --build p p.deb && dpkg --log=/dev/null --install p.deb && rm -r p p.deb\n`,
  "a user is made and used": `${debian}RUN groupadd --gid 71 app && useradd --uid 70 --gid app --groups games,daemon --home-dir /srv/app --create-home app && chage --lastday 1 app && rm -f /etc/*-
COPY --chown=app:app a.txt /srv/app/
USER app
WORKDIR /srv/app
RUN (id; echo ~; umask) > told
`,
  "a user of the distribution": `${debian}RUN mkdir -m 777 /w\nUSER www-data\nRUN id > /w/one\nUSER daemon:shadow\nRUN id > /w/two\nFROM scratch\nCOPY --from=debian /w /\n`,
  "hard links across directories": `${debian}RUN mkdir -p /w/a /w/b && echo 1 > /w/a/x && ln /w/a/x /w/b/y && ln /w/b/y /w/z && ln /usr/bin/sed /usr/local/bin/stream\nFROM localhost/debian\nCOPY --from=debian /w /copy/\n`,
  "setuid and setgid programs": `${debian}FROM scratch\nCOPY --from=debian /usr/bin/passwd /usr/bin/chage /x/\nCOPY --from=debian --chown=5:6 /usr/bin/passwd /usr/bin/chage /y/\nCOPY --from=debian --chmod=2711 /usr/bin/passwd /z\n`,
  "a setuid program changes its owner and mode": `${debian}RUN chown games:games /usr/bin/passwd && chmod u-s /usr/bin/gpasswd && cp -a /usr/bin/chage /usr/local/bin/\n`,
  "capabilities of the base": `${debian}RUN mv /usr/bin/stat /usr/local/bin/ && cp -a /usr/local/bin/stat /usr/local/bin/again\nFROM scratch\nCOPY --from=debian /usr/local/bin/stat /usr/local/bin/again /x/\n`,
  "capabilities that a command gives": `${debian}RUN cp /bin/sed /s && setcap cap_net_bind_service,cap_setuid+ep /s && cp /s /t\nFROM scratch\nCOPY --from=debian /s /t /\n`,
  "a file with capabilities is written to": `${debian}RUN chown 5:6 /usr/bin/stat\nRUN cp /bin/sed /s && setcap cap_setuid+ep /s && echo >> /s\nFROM scratch\nCOPY --from=debian /usr/bin/stat /s /\n`,
  "a mount in a merged directory": `${debian}RUN --mount=type=bind,source=dir,target=/lib/given --mount=type=tmpfs,target=/sbin/none cat /usr/lib/given/one.c > /x\nFROM scratch\nCOPY --from=debian /x /\nCOPY --from=debian /lib64/ /lib64/\n`,
};

const forBuildkit: Readonly<Record<string, string>> = {
  "capabilities with another owner": `${debian}FROM scratch\nCOPY --from=debian --chown=5:6 /usr/bin/stat /x\nCOPY --from=debian --chmod=700 /usr/bin/stat /y\n`,
  "parents of a distribution": `${debian}FROM scratch\nCOPY --parents --from=debian /etc/./passwd /usr/lib64/ld-linux* /x/\n`,
};

/** They find the distribution as `localhost/debian`. */
export const debianCases: readonly DockerfileCase[] = [
  ...Object.entries(forBuildkit).map(([name, text]) => ({ name, text, isForBuildkit: true })),
  ...Object.entries(compared).map(([name, text]) => ({ name, text })),
];
