import type { ExecPath } from "../action/action.ts";
import type { Label } from "../label/label.ts";

/** What a package was loaded from. */
export interface PackageFiles {
  /** That state its targets. */
  readonly buildFiles: readonly LoadedFile[];
  /** That were read besides, such as templates. */
  readonly loadedFiles: readonly LoadedFile[];
  /** All that loading asked of: whether it is there, or what it holds. */
  readonly askedFor: ReadonlySet<ExecPath>;
  /** Directories of which loading has seen the names. */
  readonly listed: ReadonlySet<ExecPath>;
}

/** A file that loading has read. */
export interface LoadedFile {
  readonly label: Label;
  /** From the workspace root. */
  readonly path: ExecPath;
}
