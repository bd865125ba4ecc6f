// Config.uk files → menus. Knows no value; dependencies are linked afterwards.
// Source: Linux, Documentation/kbuild/kconfig-language.rst, as of 5.2.

import { posix } from "node:path";

import { readEntryLine } from "./entry-line.ts";
import { WordReader } from "./expression-parser.ts";
import { KconfigError } from "./kconfig-error.ts";
import { type MacroWorld, Macros } from "./macro.ts";
import { Scanner, type Statement } from "./scan.ts";
import { type MenuNode, newNode, type Place, type Prompt } from "./symbol.ts";
import { SymbolTable } from "./symbol-table.ts";

/** Where the reader gets files and answers from. */
export interface KconfigWorld extends MacroWorld {
  /** The text of the file at `path`; undefined when there is none. */
  readonly read: (path: string) => string | undefined;
  /** The paths that match `pattern`, as the shell matches them, sorted by their bytes. */
  readonly glob: (pattern: string) => readonly string[];
}

/** Something in Config.uk files that is odd, but does not keep them from being read. */
export interface KconfigWarning {
  readonly place: Place;
  readonly message: string;
}

/** What was read. */
export interface ParsedKconfig {
  readonly root: MenuNode;
  readonly table: SymbolTable;
  readonly warnings: readonly KconfigWarning[];
}

/** Reads the file at `path` and all that it names; throws a `KconfigError` where conf gives up. */
export function parseKconfig(path: string, world: KconfigWorld): ParsedKconfig {
  const parser = new Parser(world);
  const place = { file: path, line: 1 };
  parser.file(path, place);
  return { root: parser.root, table: parser.table, warnings: parser.warnings };
}

class Parser {
  readonly root = newNode("root", { file: "", line: 0 }, undefined);
  readonly table = new SymbolTable();
  readonly warnings: KconfigWarning[] = [];
  readonly #world: KconfigWorld;
  readonly #macros: Macros;
  /** Files that are being read, the one that names the others first. */
  readonly #open: string[] = [];
  /** The entry that blocks are being read into. */
  #block: MenuNode = this.root;
  /** The entry that lines like `depends on` are about; undefined behind the end of a block. */
  #entry: MenuNode | undefined;

  constructor(world: KconfigWorld) {
    this.#world = world;
    this.#macros = new Macros(world, (message, place) => this.#warn(place, message));
  }

  file(path: string, from: Place): void {
    if (this.#open.includes(path)) throw new KconfigError(from, `${path} reads itself in`);
    const text = this.#world.read(path);
    if (text === undefined) throw new KconfigError(from, `there is no file ${path}`);
    this.#open.push(path);
    const scanner = new Scanner(path, text, this.#macros);
    const block = this.#block;
    for (let one = scanner.next(); one !== undefined; one = scanner.next()) {
      this.#statement(one, scanner);
    }
    if (this.#block !== block) throw new KconfigError(this.#block.place, "this has no end");
    this.#open.pop();
  }

  #statement(statement: Statement, scanner: Scanner): void {
    const { place } = statement;
    if (statement.kind === "assignment") {
      const { name, operator, value } = statement;
      this.#macros.assign(name, operator, value, place);
      return;
    }
    const reader = new WordReader(statement.words, place, this.table);
    const keyword = reader.keyword();
    if (keyword === undefined) throw new KconfigError(place, "this is no statement");
    if (keyword === "help" || keyword === "---help---") this.#help(scanner, place);
    else if (!this.#begins(keyword, reader) && !this.#isLine(keyword, reader)) {
      throw new KconfigError(place, `"${keyword}" is not expected here`);
    }
  }

  #isLine(keyword: string, reader: WordReader): boolean {
    if (this.#entry === undefined) return false;
    const { table } = this;
    const { environment } = this.#world;
    return readEntryLine(keyword, reader, this.#entry, { table, environment });
  }

  #help(scanner: Scanner, place: Place): void {
    if (this.#entry === undefined) throw new KconfigError(place, "this helps with nothing");
    this.#entry.help = scanner.help();
  }

  /** Whether `keyword` begins or ends something, which is then done. */
  #begins(keyword: string, reader: WordReader): boolean {
    switch (keyword) {
      case "mainmenu":
        this.root.prompt = promptOf(this.root, reader.text(), reader.place);
        break;
      case "config":
      case "menuconfig":
        this.#add("config", reader, this.table.named(reader.text()));
        break;
      case "choice":
        this.#block = this.#add("choice", reader, this.table.choice(reader.optionalText()));
        break;
      case "menu":
      case "comment": {
        const node = this.#add(keyword, reader);
        node.prompt = promptOf(node, reader.text(), reader.place);
        if (keyword === "menu") this.#block = node;
        break;
      }
      case "if":
        this.#block = this.#add("if", reader);
        this.#block.dependency = reader.expression();
        this.#entry = undefined;
        break;
      case "endmenu":
      case "endchoice":
      case "endif":
        this.#end(keyword.slice(3), reader.place);
        break;
      default:
        return this.#sources(keyword, reader);
    }
    reader.end();
    return true;
  }

  #add(kind: MenuNode["kind"], { place }: WordReader, symbol?: MenuNode["symbol"]): MenuNode {
    const node = newNode(kind, place, this.#block, symbol);
    symbol?.nodes.push(node);
    this.#block.children.push(node);
    this.#entry = node;
    return node;
  }

  #end(kind: string, place: Place): void {
    const { parent } = this.#block;
    if (this.#block.kind !== kind || parent === undefined) {
      throw new KconfigError(place, `there is no ${kind} that ends here`);
    }
    if (this.#block.place.file !== place.file) {
      throw new KconfigError(place, `this ${kind} began in another file`);
    }
    this.#block = parent;
    this.#entry = undefined;
  }

  /** Whether `keyword` reads in other files. As in the core, a pattern may match none. */
  #sources(keyword: string, reader: WordReader): boolean {
    if (!["source", "osource", "rsource", "orsource", "gsource"].includes(keyword)) return false;
    const { place } = reader;
    const path = reader.text();
    reader.end();
    const isRelative = keyword.includes("rs") && !path.startsWith("/");
    const pattern = isRelative ? posix.join(posix.dirname(place.file), path) : path;
    const files = this.#world.glob(pattern);
    if (files.length === 0 && !keyword.startsWith("o") && pattern !== "") {
      this.#warn(place, `there is no file ${pattern}`);
    }
    this.#entry = undefined;
    for (const file of files) this.file(file, place);
    this.#entry = undefined;
    return true;
  }

  #warn(place: Place, message: string): void {
    this.warnings.push({ place, message });
  }
}

/** The title of an entry that is no option. */
function promptOf(node: MenuNode, text: string, place: Place): Prompt {
  return { kind: "prompt", text: text.trimStart(), node, place, condition: undefined };
}
