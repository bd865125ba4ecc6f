// `useDMBlock`, by which older runtimes were told to mount the files of an image, for today's urunc.
//
// Source: urunc 0.5, pkg/unikontainers; Go, strconv.ParseBool.

const falsehoods = ["0", "f", "F", "FALSE", "false", "False"];

/**
 * What `useDMBlock` is as `mountRootfs`; undefined when it says nothing. Like urunc 0.5, whatever is
 * no truth value of Go counts as true.
 */
export function mountRootfsOf(useDMBlock: string | undefined): "true" | "false" | undefined {
  if (useDMBlock === undefined || useDMBlock === "") return undefined;
  return falsehoods.includes(useDMBlock) ? "false" : "true";
}

/** What to tell those who wrote `useDMBlock`, one line. */
export function translationMessage(useDMBlock: string, mountRootfs: string): string {
  const message = `today's urunc has mountRootfs in place of useDMBlock, and is told it is ${mountRootfs}`;
  return useDMBlock === mountRootfs ? message : `${message}, as older ones read "${useDMBlock}"`;
}
