// A vitest reporter that ends with the counts on one plain line, for machines to read. Before it stand the
// tests that passed only when tried again: what they lean on is not theirs alone, and they wait for a mend.
// And those that were skipped, by name: what a machine lacks must not pass for what was tested.
export default class CountReporter {
  #selects = false;

  /** Tests that a pattern leaves out are no news to whoever gave it. */
  onInit({ config }) {
    this.#selects = config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules, errors) {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    /** @type {string[]} */
    const lines = [];
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state in counts) counts[state] += 1;
        if (test.diagnostic()?.flaky)
          lines.push(`flaky: ${module.relativeModuleId} > ${test.fullName}`);
      }
      if (!this.#selects)
        for (const name of skippedIn(module))
          lines.push(`skipped: ${module.relativeModuleId} > ${name}`);
      // A file that does not load has no tests, which must not look like success.
      if (module.state() === "failed" && module.errors().length > 0) counts.failed += 1;
    }
    counts.failed += errors.length;
    process.on("exit", () => {
      for (const line of lines.toSorted()) console.log(line);
      console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
    });
  }
}

/** What was skipped there, with why where that was said; a suite of nothing else is told of once. */
function* skippedIn(parent) {
  for (const child of parent.children) {
    const tests = child.type === "test" ? [child] : [...child.children.allTests()];
    const results = tests.map((test) => test.result());
    const reasons = new Set(results.map(({ note }) => note));
    if (tests.length > 0 && reasons.size === 1 && results.every(isSkipped)) {
      const [reason] = reasons;
      const count = child.type === "test" ? "" : ` (${tests.length} tests)`;
      yield `${child.fullName}${count}${reason === undefined ? "" : `: ${reason}`}`;
    } else if (child.type === "suite") yield* skippedIn(child);
  }
}

function isSkipped({ state }) {
  return state === "skipped";
}
