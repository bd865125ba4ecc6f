// A vitest reporter that ends with the counts on one plain line, for machines to read. Before it stand the
// tests that passed only when tried again: what they lean on is not theirs alone, and they wait for a mend.
export default class CountReporter {
  onTestRunEnd(modules, errors) {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    const flaky = [];
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state in counts) counts[state] += 1;
        if (test.diagnostic()?.flaky)
          flaky.push(`flaky: ${module.relativeModuleId} > ${test.fullName}`);
      }
      // A file that does not load has no tests, which must not look like success.
      if (module.state() === "failed" && module.errors().length > 0) counts.failed += 1;
    }
    counts.failed += errors.length;
    process.on("exit", () => {
      for (const line of flaky) console.log(line);
      console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
    });
  }
}
