import { execFileSync } from "node:child_process";

/** Why commands cannot be run in trees of layers here; undefined when they can. */
export function overlayObstacle(): string | undefined {
  try {
    const script =
      "d=$(mktemp -d) && mkdir $d/l $d/u $d/w $d/m && mount -t overlay overlay -o lowerdir=$d/l,upperdir=$d/u,workdir=$d/w,userxattr $d/m";
    execFileSync("unshare", ["--mount", "--pid", "--fork", "sh", "-c", script], { stdio: "pipe" });
    return undefined;
  } catch (error) {
    return String(error);
  }
}
