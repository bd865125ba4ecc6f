/**
 * `mode` of a file that is to be root's, whatever the umask was under which it was checked out: the
 * group may write to it only where all others may, as nobody but root is in that group.
 */
export function rootMode(mode: number): number {
  return (mode & 0o002) === 0 ? mode & ~0o020 : mode;
}
