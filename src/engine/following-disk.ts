import type { Follower } from "../watch/follower.ts";
import type { Disk } from "../workspace/disk.ts";

/** `disk`, of which `follower` hears each path before it is looked at. */
export function followingDisk(disk: Disk, follower: Follower): Disk {
  return {
    stat: (path) => {
      follower.followPath(path);
      const found = disk.stat(path);
      if (found?.kind !== "directory") return found;
      // Of one that was listed by an earlier build, it may be all that is asked.
      follower.followEntries(path);
      return disk.stat(path);
    },
    list: (path) => {
      follower.followEntries(path);
      return disk.list(path);
    },
    read: (path) => {
      follower.followPath(path);
      return disk.read(path);
    },
  };
}
