import { useEffect, useState } from "preact/hooks";

import type { Theme } from "./paint.ts";

/** What the style sheet calls them, behind `--`. */
const names = [
  "accent",
  "edge",
  "executed",
  "failed",
  "failedSoft",
  "far",
  "line",
  "localHit",
  "mono",
  "muted",
  "needs",
  "node",
  "remoteHit",
  "running",
  "skipped",
  "text",
  "upToDate",
  "users",
  "waiting",
] as const;

/** The colours of the style sheet, as they are by day or by night. */
export function useTheme(): Theme {
  const [theme, setTheme] = useState(readTheme);
  useEffect(() => {
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const read = (): void => setTheme(readTheme());
    dark.addEventListener("change", read);
    return () => dark.removeEventListener("change", read);
  }, []);
  return theme;
}

function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(
    names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]),
  );
}
