{
  name = "every-kind/web";
  tag = "latest";
  files = {
    "//web:fc-x86_64" = "/unikernel/web";
  };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "firecracker";
    binary = "/unikernel/web";
    cmdline = "hello";
  };
}
