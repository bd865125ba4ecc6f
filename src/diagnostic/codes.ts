/** Every code a diagnostic can have, each with a heading in docs/diagnostics.md. */
export const diagnosticCodes = [
  // Any YAML file.
  "unreadable-file",
  "yaml-syntax",
  "duplicate-key",
  "empty-file",
  "wrong-type",
  "missing-attribute",
  "unknown-attribute",
  "bad-attribute",
  "bad-name",
  // Labels and the graph.
  "bad-label",
  "unknown-package",
  "unknown-target",
  "unknown-rule",
  "duplicate-target",
  "dependency-cycle",
  "missing-file",
  "output-conflict",
  "nothing-selected",
  // Queries.
  "bad-query",
  "unknown-function",
  "unknown-variable",
  "unknown-output",
  "unknown-revision",
  "bad-path",
  // The workspace.
  "no-workspace",
  "unknown-rule-set",
  "broken-rule-set",
  "failed-check",
  "unknown-template",
  "unsupported-version",
  "several-build-files",
  // Kraftfiles.
  "missing-spec",
  "bad-spec",
  "bad-kconfig",
  "bad-target",
  "bad-component",
  "bad-runtime",
  "bad-rootfs",
  "bad-dockerfile",
  "bad-volume",
  "bad-environment",
  "bad-interpolation",
  "unsupported-source",
  "missing-component",
  "unknown-component",
  "other-core",
  // Applications on Solo5.
  "bad-manifest",
  // Container images.
  "not-for-urunc",
  "not-verified",
  "nix-syntax",
  "bad-image",
  // Sources from elsewhere.
  "bad-lock",
  "not-locked",
  "not-cached",
  "not-fetched",
  "moved-source",
  "stale-vendor",
  // Building and running.
  "option-not-taken",
  "unknown-option",
  "no-options",
  "no-rootfs",
  "missing-library",
  "missing-tool",
  "not-runnable",
] as const;

/** See {@link diagnosticCodes}. */
export type DiagnosticCode = (typeof diagnosticCodes)[number];
