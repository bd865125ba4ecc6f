(* mirage >= 4.11 & < 5 *)
open Mirage

let main = main "Unikernel" job
let () = register "dns" [ main ]
