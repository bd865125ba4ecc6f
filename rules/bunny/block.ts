import type { ExecPath, RuleContext } from "../../src/index.ts";
import type { CopyInputs } from "./copy-inputs.ts";
import type { Copy } from "./program/copy.ts";
import { type BlockRequest, blockProgram } from "./program/block-files.ts";

/** A block device to be made. */
export interface BlockDevice {
  /** As mke2fs calls it. */
  readonly type: "ext2" | "ext4";
  readonly copies: readonly Copy[];
  /** What is read for them. */
  readonly reads: CopyInputs;
}

/** Adds the actions that make `device`; gives its file: the same bytes for the same files. */
export function blockFile(
  { type, copies, reads }: BlockDevice,
  {
    action,
    output,
    sourceDateEpoch,
  }: Pick<RuleContext<unknown>, "action" | "output" | "sourceDateEpoch">,
): ExecPath {
  const [tree, commands, numbers] = [
    output("files"),
    output("files.debugfs"),
    output("files.sizes"),
  ];
  const request: BlockRequest = { mtime: sourceDateEpoch, copies };
  action({
    kind: "program",
    mnemonic: "BlockFiles",
    program: `bunny/${blockProgram.name}`,
    version: blockProgram.version,
    args: [tree, commands, numbers, JSON.stringify(request)],
    ...reads,
    outputs: [tree, commands, numbers],
  });
  const device = output(`rootfs.${type}`);
  action({
    kind: "command",
    mnemonic: "Block",
    argv: ["sh", "-ec", script, "sh", tree, commands, numbers, device, type],
    // Of the configuration of this machine, nothing may be in the device.
    env: { MKE2FS_CONFIG: "/dev/null", E2FSPROGS_FAKE_TIME: "1", TZ: "UTC" },
    inputs: [tree, commands, numbers],
    outputs: [device],
    // They are in no PATH but that of root.
    tools: ["sh", "/usr/sbin/mke2fs", "/usr/sbin/debugfs"],
  });
  return device;
}

/** Any, but always the same: it is in the superblock, and seeds the hashes of directories. */
const uuid = "6b726166-7400-4000-8000-000000000000";

/**
 * Features are named one by one, as defaults differ between versions. There is no journal: an image
 * is written to by one guest. ext2 is for rumprun, which reads no younger one.
 */
const script = `
features=none,filetype,sparse_super,large_file
inode=128
if [ "$5" = ext4 ]; then
  features=$features,huge_file,dir_index,extent,extra_isize,dir_nlink
  inode=256
fi
read -r inodes blocks < "$3"
# It warns of what is meant: an empty configuration, and years after 2038.
told="$TMPDIR/told"
/usr/sbin/mke2fs -q -F -t "$5" -b 4096 -I $inode -m 0 -N "$inodes" -O $features -U ${uuid} \
  -E hash_seed=${uuid},root_owner=0:0,lazy_itable_init=0,nodiscard -d "$1" "$4" "$blocks" > "$told" 2>&1 ||
  { cat "$told" >&2; exit 1; }
# Fields that inodes of 128 bytes have not are told, and no matter.
/usr/sbin/debugfs -w -f "$2" "$4" > "$told" 2>&1 || { cat "$told" >&2; exit 1; }
`;
