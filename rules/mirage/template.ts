import type { Template } from "../../src/index.ts";

/** A job that says hello. */
export const job: Template = {
  name: "mirage",
  description: "a config.ml: a MirageOS unikernel that says hello",
  files: ({ name }) => ({
    "config.ml": `(* mirage >= 4.11 & < 5 *)
open Mirage

let main = main "Unikernel" job
let () = register "${name.replaceAll(/[^A-Za-z0-9_-]/g, "-")}" [ main ]
`,
    "unikernel.ml": `let start () =
  Logs.info (fun m -> m "Hello from a unikernel!");
  Lwt.return_unit
`,
  }),
};
