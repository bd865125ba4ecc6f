// What the tools of MirageOS are called with, as scripts for `sh -ec`.
// Source: MirageOS 4.11, lib/functoria/makefile.ml for the steps and their order.

/** What builds take nothing of: what tools leave in a package, and its configuration; as .gitignore has it. */
export const notBuilt: readonly string[] = [
  "/_build",
  "/config.ml",
  "/dist",
  "/duniverse",
  "/mirage",
  "/_opam",
];

/**
 * Says which opam switch the tools are of. Where its compiler is the system's, dune would look for
 * libraries beside that one, and find no `mirage`. Source: dune 3.21, src/dune_rules/context.ml.
 */
const inSwitch = `
switch=$(command -v ocamlfind)
switch=\${switch%/bin/ocamlfind}
if [ -f "$switch/lib/findlib/META" ]; then export OPAM_SWITCH_PREFIX="$switch"; fi
`;

/**
 * Arguments: the directory to make, the package, files of it, `--`, and words for `mirage
 * configure`, which writes over what it finds: so it gets a copy of the files, and of no more.
 * No result may tell where it was made.
 */
export const configureScript = `${inSwitch}
out=$1 package=$2; shift 2
mkdir -p "$out"
while [ "$1" != -- ]; do
  name=$1
  [ "$package" = . ] || name=\${name#"$package"/}
  mkdir -p "$out/$(dirname "$name")"
  cp -L "$1" "$out/$name"
  echo "$name" >> "$out.copied"
  shift
done
shift
copied=$PWD/$out.copied
cd "$out"
chmod -R u+w .
mirage configure "$@" < /dev/null > "$copied.log" 2>&1 || { cat "$copied.log" >&2; exit 1; }
rm -rf _build
while read -r name; do rm -f "$name"; done < "$copied"
here=$(printf '%s' "$PWD" | sed 's/[][\\\\.*^$|]/\\\\&/g')
grep -rlF "$PWD" . | while read -r name; do sed -i "s|$here|.|g" "$name"; done
find . -depth -mindepth 1 -type d -empty -exec rmdir {} +
`;

/**
 * Arguments: the lock file to make, the configured directory, and the repository to choose from;
 * empty: opam's own. Works on an opam root of its own, as the generated makefile adds repositories
 * to the one it is used on, and takes them out again. A root that does not know a plugin would
 * install it, with a compiler. Source: opam 2.1, src/client/opamCliMain.ml.
 */
export const lockScript = `
lock=$PWD/$1 configured=$2 repository=$3 work=$1.work
mkdir -p "$work"
cp -R "$configured/." "$work"
chmod -R u+w "$work"
cd "$work"
export OPAMROOT=$PWD/.opam OPAMYES=1 OPAMCOLOR=never
opam init --bare --no-setup --disable-sandboxing \${repository:+"$repository"} > opam.log 2>&1 || { cat opam.log >&2; exit 1; }
opam switch create kraft --empty > opam.log 2>&1 || { cat opam.log >&2; exit 1; }
mkdir -p "$OPAMROOT/plugins/bin"
ln -s "$(command -v opam-monorepo)" "$OPAMROOT/plugins/bin"
make lock BUILD_DIR=. MIRAGE_DIR=./mirage
cp mirage/*.opam.locked "$lock"
chmod -R u+w .
cd ..
rm -rf "\${OPAMROOT%/.opam}"
`;

/**
 * Arguments: the kernel to make, the package, the configured directory, the kernel's extension,
 * what strips it, and directories of other people's sources, each behind its name. An empty
 * configuration stands for the true one, as dune refuses to leave out a module that is not there.
 */
export const buildScript = `${inSwitch}
kernel=$1 package=$2 configured=$3 extension=$4 strip=$5; shift 5
start=$PWD work=$PWD/$kernel.work
mkdir -p "$work/duniverse"
tar -C "$package" -chf - --exclude=./.git --exclude=./.kraft \\
  ${notBuilt.map((path) => `--exclude=.${path}`).join(" ")} . | tar -C "$work" -xf -
chmod -R u+w "$work"
cp -R "$configured/." "$work"
while [ $# -gt 0 ]; do cp -RL "$2" "$work/duniverse/$1"; shift 2; done
echo '(vendored_dirs *)' > "$work/duniverse/dune"
chmod -R u+w "$work"
cd "$work"
: > config.ml
dune build --profile release --root . ./dist
found=
for file in dist/*; do
  case \${file#dist/} in
    dune|*.xl|*.xl.in|*.xml) continue ;;
    *.*) [ "\${file##*.}" = "$extension" ] || continue ;;
    *) [ -z "$extension" ] || continue ;;
  esac
  [ -z "$found" ] || { echo "dist has both $found and $file: which one is meant?" >&2; exit 1; }
  found=$file
done
[ -n "$found" ] || { echo "dune has left no \${extension:-program} in dist" >&2; exit 1; }
cp -L "$found" "$start/$kernel"
chmod 755 "$start/$kernel"
if [ -n "$strip" ] && command -v "$strip" > /dev/null; then "$strip" --strip-debug "$start/$kernel"; fi
cd "$start"
chmod -R u+w "$work"
rm -rf "$work"
`;
