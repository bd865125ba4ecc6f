// What each shell has to be told once to ask for completions.

/** By shell: the lines of its script. */
export const completionScripts: ReadonlyMap<string, readonly string[]> = new Map([
  [
    "bash",
    [
      "_kraft_graph() {",
      '  local line="${COMP_LINE:0:COMP_POINT}" rest quote isOpen= words=() head',
      '  rest="$line"',
      "  while [[ -z $isOpen && $rest =~ [\\'\\\"] ]]; do",
      '    quote="${BASH_REMATCH[0]}" rest="${rest#*"$quote"}"',
      '    if [[ $rest == *"$quote"* ]]; then rest="${rest#*"$quote"}"; else isOpen=1; fi',
      "  done",
      '  [[ -n $isOpen ]] && line="${line%"$quote$rest"}"',
      '  read -ra words <<<"$line"',
      '  [[ $line == *[[:space:]] ]] && words+=("")',
      "  # Bash replaces only what follows the last colon or equals sign, but all inside of a quote.",
      '  head="${words[-1]%"${words[-1]##*[:=]}"}"',
      '  [[ -n $isOpen ]] && head="${words[-1]}" words[-1]+="$rest"',
      '  mapfile -t COMPREPLY < <(kraft-graph completion words -- "${words[@]:1}" 2>/dev/null)',
      '  COMPREPLY=("${COMPREPLY[@]#"$head"}")',
      "}",
      "complete -o default -F _kraft_graph kraft-graph",
    ],
  ],
  [
    "zsh",
    [
      "#compdef kraft-graph",
      "_kraft_graph() {",
      "  local -a found",
      '  found=(${(f)"$(kraft-graph completion words -- "${(@)words[2,CURRENT]}" 2>/dev/null)"})',
      "  (( $#found )) && compadd -a found || _files",
      "}",
      "compdef _kraft_graph kraft-graph",
    ],
  ],
  [
    "fish",
    [
      "complete -c kraft-graph -a '(kraft-graph completion words -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'",
      "# A query names no files.",
      `complete -c kraft-graph -n 'string match -q "*(*" -- (commandline -ct)' -f`,
    ],
  ],
]);
