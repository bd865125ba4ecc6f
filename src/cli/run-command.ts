import { Command, Option } from "clipanion";

import { TargetsCommand } from "./building-command.ts";
import { exitCodes } from "./context.ts";
import { exitCodeOf } from "./build-targets.ts";
import { wordOption } from "./option-values.ts";
import { withReporting } from "./reporting.ts";
import { buildOptions } from "./target-options.ts";

/** `kraft-graph run [TARGET] [-- ARGUMENT…]` */
export class RunCommand extends TargetsCommand {
  static override paths = [["run"]];
  static override usage = Command.Usage({
    category: "Run",
    description: "build an image and boot it, or boot one of a registry",
    details: `
      The guest's serial console is the standard output; Ctrl-C stops the machine. Arguments
      behind \`--\` go to the application, in place of the \`cmd\` of its Kraftfile.

      In place of a target it takes an image: a name that begins with a host, or with \`oci://\`,
      and the path of an OCI image layout. What is not on this machine is pulled.

      The exit code is 0 when the guest powered off or printed what was expected, 1 when it
      crashed, did not end in time, or was not built; and the guest's own where it gives one.
    `,
    examples: [
      ["Boot the app of the current directory", "$0 run"],
      ["A web server on port 8080", "$0 run -p 8080:80 -M 256Mi //apps/nginx:qemu-x86_64"],
      ["An image of a registry", "$0 run unikraft.org/helloworld:latest"],
      ["As a test", "$0 run --expect 'Hello' --timeout 30 //examples/hello:qemu-x86_64"],
    ],
  });

  pattern = Option.String({ name: "target", required: false });
  recheck = buildOptions.recheck();
  memory = Option.String("-M,--memory", { description: "memory of the machine, such as 64Mi" });
  ports = Option.Array("-p,--port", [], {
    description: "lead a port of this machine into the guest: HOST:GUEST",
  });
  env = Option.Array("-e,--env", [], {
    description: "a variable for the application: NAME=VALUE, or NAME as it is here",
  });
  kernelArgs = Option.Array("-a,--kernel-arg", [], {
    description: "a parameter of a library of the kernel: LIBRARY.NAME=VALUE",
  });
  block = Option.Array("--block", [], {
    description: "a file for a block device of a Solo5 guest: NAME=FILE",
  });
  net = Option.Array("--net", [], {
    description: "an interface for a network of a Solo5 guest: NAME=INTERFACE",
  });
  runtime = wordOption("--runtime", {
    values: ["urunc"],
    description: "who boots it: urunc, as a container of containerd (by nerdctl); else kraft-graph",
  });
  noAcceleration = Option.Boolean("-W,--disable-acceleration", false, {
    description: "emulate the CPU, even where KVM works",
  });
  expect = Option.String("--expect", {
    description: "stop as soon as the guest prints this text, which is then a success",
  });
  timeout = Option.String("--timeout", { description: "stop after this many seconds" });
  watch = Option.Boolean("--watch", false, {
    description: "build and boot again whenever a file changes that the image is made of",
  });
  remove = Option.Boolean("--rm", false, {
    description: "leave nothing of the machine behind, which is so anyway; as KraftKit has it",
  });

  override async execute(): Promise<number> {
    const { context } = this;
    const { readMachineOptions } = await import("./machine-options.ts");
    const options = readMachineOptions(this);
    if (options.kind === "refused") {
      for (const reason of options.reasons) context.stderr.write(`error: ${reason}\n`);
      return exitCodes.refused;
    }
    const { imageWordOf } = await import("./image-word.ts");
    const image = imageWordOf(this.pattern ?? "", context.host.workingDirectory);
    if (this.runtime !== undefined && (image !== undefined || this.watch)) {
      context.stderr.write("error: --runtime is for targets, and not with --watch\n");
      return exitCodes.refused;
    }
    if (this.pattern !== undefined && image !== undefined) {
      const { runImage } = await import("./run-image.ts");
      return runImage(image, this, options);
    }
    const request = {
      ...this.buildRequest(),
      choice: this.choiceOf(this.pattern === undefined ? [] : [this.pattern]),
    };
    if (this.watch) {
      const { runWatched } = await import("./run-watched.ts");
      return withReporting(this, (listen) => runWatched({ ...request, listen }, options, context));
    }
    const { build } = await import("../engine/build.ts");
    const result = await withReporting(this, (listen) =>
      build({
        ...request,
        isThorough: this.recheck,
        listen,
      }),
    );
    if (result.kind !== "built") return exitCodeOf(result);
    if (this.runtime === "urunc") {
      const { runInContainerd } = await import("./run-in-containerd.ts");
      return runInContainerd(result, options, context);
    }
    const { bootImage } = await import("./boot-image.ts");
    return bootImage(result, options, context);
  }
}
