// The manual page, from what the commands say of themselves. Alone, it prints the page.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The page as roff, of the program in `version`. */
export async function manPage(version) {
  const { commands, Cli, withValueNames } = await loadCommands();
  const all = await Promise.all([...commands.values()].map((load) => load()));
  const sections = all.map((command) => {
    const cli = new Cli({ binaryName: "kraft-graph" });
    cli.register(command);
    const [definition] = cli.definitions();
    return commandSection(command, definition, withValueNames);
  });
  const head = `.\\" Made by scripts/man-page.mjs from the commands: edit those.
.TH KRAFT\\-GRAPH 1 "" "kraft\\-graph ${version}" "User Commands"
.SH NAME
kraft\\-graph \\- build, package and boot unikernels: a build graph over Kraftfiles
.SH SYNOPSIS
.B kraft\\-graph
.I COMMAND
.RI [ OPTION ...]
.br
.B kraft\\-graph
.BR \\-\\-help \\ |\\  \\-\\-version
.SH DESCRIPTION`;
  return [head, paragraphs(about), ".SH COMMANDS", ...sections, paragraphsOf(rest), ""].join("\n");
}

const about = `
Reads the Kraftfiles and build files of a workspace, makes one graph of content-addressed actions of
them, and runs that in parallel, from a cache that all workspaces of a user share.

A label names a target: \`//apps/nginx:qemu-x86_64\`; \`//apps/nginx\` is the package's default
target, \`//apps/nginx:all\` all of its targets, and \`//...\` those of the whole workspace;
\`//...:oci\` is what is called \`oci\` in any package. A pattern with a leading \`-\`, behind \`--\`,
takes targets out. Directories work, too: \`./apps/nginx\`.
`;

const rest = new Map([
  [
    "EXIT STATUS",
    [
      ["0", "All was done."],
      ["1", "A build or a machine failed."],
      ["2", "Wrong usage, or wrong files."],
      ["130", "It was interrupted."],
      ["141", "It was cancelled, as whoever read its output went away."],
    ],
  ],
  [
    "ENVIRONMENT",
    [
      [
        "KRAFT_GRAPH_*",
        "Settings, as in kraft.workspace.yaml: `KRAFT_GRAPH_BUILD_JOBS` is build.jobs. `kraft-graph info config` lists all.",
      ],
      ["NO_COLOR", "Unless empty, nothing is coloured."],
      ["SOURCE_DATE_EPOCH", "Seconds since 1970 that outputs give as their time; else 0."],
      ["KRAFTKIT_QEMU", "A QEMU in place of the usual one."],
    ],
  ],
  [
    "FILES",
    [
      ["kraft.workspace.yaml", "Makes a directory the root of a workspace, and has its settings."],
      ["kraft.lock.yaml", "What each source stands for; belongs under version control."],
      ["Kraftfile", "Makes a directory a package."],
      ["kraft.build.yaml", "Further targets of a package."],
      [".kraft/", "What builds leave: outputs below .kraft/out, logs, records."],
      ["~/.config/kraft-graph/config.yaml", "Settings of the user."],
      ["~/.cache/kraft-graph", "The cache."],
    ],
  ],
]);

/** The commands as the program has them, bundled for the moment. */
async function loadCommands() {
  const place = mkdtempSync(join(root, "node_modules/.man-"));
  try {
    await build({
      absWorkingDir: root,
      stdin: {
        contents:
          'export { commands } from "./src/cli/cli.ts"; export { withValueNames } from "./src/cli/help.ts"; export { Cli } from "clipanion";',
        resolveDir: root,
      },
      outfile: join(place, "commands.mjs"),
      bundle: true,
      packages: "external",
      platform: "node",
      format: "esm",
      logLevel: "warning",
    });
    return await import(pathToFileURL(join(place, "commands.mjs")).href);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

function commandSection({ usage = {} }, { path, usage: line, options }, withValueNames) {
  const words = line.replace(`${path}`, "").trim();
  const { description = "", details = "", examples = [] } = usage;
  return [
    `.SS "${escaped(path)}"`,
    sentence(description),
    ".PP",
    `.B ${escaped(path)}`,
    inline(
      withValueNames(words.replaceAll(/\[--?[^\]]*\]\s*/g, "").replace("...", "[target ...]")),
    ),
    ...(options.length > 0 ? ["[\\fIOPTION\\fR...]"] : []),
    paragraphs(dedented(details)),
    ...options.map(
      ({ definition, description: about = "" }) =>
        `.TP\n${option(withValueNames(definition))}\n${sentence(about)}`,
    ),
    ...examples.map(
      ([about, example]) =>
        `.PP\n${sentence(about)}\n.RS\n.nf\n${escaped(example.replaceAll("$0", "kraft-graph"))}\n.fi\n.RE`,
    ),
  ]
    .filter((part) => part !== "")
    .join("\n");
}

/** `-j,--jobs N` with the names bold and the value in italics. */
function option(definition) {
  const [names, ...value] = definition.split(" ");
  const bold = names.split(",").map((name) => `\\fB${escaped(name)}\\fR`);
  return `${bold.join(", ")}${value.length === 0 ? "" : ` \\fI${escaped(value.join(" "))}\\fR`}`;
}

function paragraphsOf(sections) {
  return [...sections]
    .map(([title, rows]) =>
      [
        `.SH "${title}"`,
        ...rows.map(([name, text]) => `.TP\n.B ${escaped(name)}\n${inline(text)}`),
      ].join("\n"),
    )
    .join("\n");
}

function paragraphs(text) {
  const all = text.trim().split(/\n\s*\n/);
  return all
    .filter((one) => one !== "")
    .map((one) => `.PP\n${inline(one.replaceAll(/\s+/g, " ").trim())}`)
    .join("\n");
}

function sentence(text) {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return inline(/[.:)]$/.test(first) ? first : `${first}.`);
}

/** Text with `code` in bold; a line must not begin as a request does. */
function inline(text) {
  const line = text
    .split("`")
    .map((part, i) => (i % 2 === 0 ? escaped(part) : `\\fB${escaped(part)}\\fR`))
    .join("");
  return line.replace(/^([.'])/, "\\&$1");
}

function escaped(text) {
  const plain = text.replaceAll("\\", "\\e").replaceAll("-", "\\-");
  // Older formatters know no UTF-8, and a line that begins so is a request.
  return plain.replaceAll(/\P{ASCII}/gu, unicode).replace(/^([.'])/gm, "\\&$1");
}

function unicode(character) {
  return `\\[u${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}]`;
}

function dedented(text) {
  return text.replaceAll(/^\s+/gm, (blanks) => (blanks.includes("\n") ? "\n\n" : ""));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  process.stdout.write(await manPage(version));
}
