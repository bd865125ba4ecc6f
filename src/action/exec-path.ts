/** True for a path that an action may name: relative, below the input root, in its shortest form. */
export function isExecPath(path: string): boolean {
  // oxlint-disable-next-line no-control-regex -- no file system has a name with a zero byte
  return path !== "" && !/(^|\/)(\.{0,2})(\/|$)|\u0000/.test(path);
}
