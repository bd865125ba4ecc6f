// A vitest reporter that ends with the counts on one plain line, for machines to read.
export default class CountReporter {
  onTestRunEnd(modules, errors) {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state in counts) counts[state] += 1;
      }
      // A file that does not load has no tests, which must not look like success.
      if (module.state() === "failed" && module.errors().length > 0) counts.failed += 1;
    }
    counts.failed += errors.length;
    process.on("exit", () => {
      console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
    });
  }
}
