import { spawn } from "node:child_process";
import { platform } from "node:os";

import type { Host } from "../base/host.ts";

/** Asks the desktop to show `url`; where there is none, or it cannot, nothing happens. */
export function openBrowser(url: string, { env }: Pick<Host, "env">): void {
  const isMac = platform() === "darwin";
  const hasDesktop = isMac || env["DISPLAY"] !== undefined || env["WAYLAND_DISPLAY"] !== undefined;
  if (!hasDesktop) return;
  const opener = spawn(isMac ? "open" : "xdg-open", [url], { detached: true, stdio: "ignore" });
  // The address is printed as well.
  opener.on("error", () => undefined);
  opener.unref();
}
