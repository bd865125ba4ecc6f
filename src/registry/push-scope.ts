/** What a token must allow to write to `repository`, and to read from where blobs are mounted. */
export function pushScope(repository: string, mountFrom?: string): string {
  const own = `repository:${repository}:pull,push`;
  return mountFrom === undefined ? own : `${own} repository:${mountFrom}:pull`;
}
