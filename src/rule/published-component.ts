import type { RemoteSource } from "../action/remote-source.ts";

/** A component that a build file names without saying where it is. */
export interface WantedComponent {
  readonly type: "core" | "lib" | "app";
  readonly name: string;
  /** A release, releases as in `>=0.16`, a channel or a commit; absent: what is usual. */
  readonly version?: string;
  /** The release of the core that it is for; absent: nobody says. */
  readonly core?: string;
  /** Where it is when no manifest is known; absent: nowhere. */
  readonly standard?: RemoteSource;
}

/** What manifests tell of a component. */
export type PublishedComponent =
  | {
      readonly kind: "found";
      readonly source: Extract<RemoteSource, { kind: "git" | "archive" }>;
      /** The version or channel that was chosen. */
      readonly chosen: string;
      /** The releases of the core that it is for; absent: nobody says. */
      readonly unikraft?: string;
      /** Whether the core is one that it is for, as far as anybody says. */
      readonly isForCore: boolean;
    }
  /** There are manifests, and none of them provides it, or none may be asked. */
  | {
      readonly kind: "refused";
      readonly code: "unknown-component" | "not-locked";
      readonly message: string;
      readonly help?: string;
    };
