// A row about starting: commands that build nothing must not wait for what builds need.

/**
 * @param {import("../main.mjs").BenchContext} context
 * @returns {readonly import("../measure.mjs").Row[]}
 */
export function rows({ directory, engine }) {
  const contender = (name, words) => ({
    name,
    prepare: () => undefined,
    command: {
      argv: [process.execPath, ...words],
      directory,
      env: { PATH: process.env.PATH ?? "" },
    },
  });
  return [
    {
      name: "version",
      about: "--version, beside node that starts and does nothing",
      runs: 11,
      contenders: [contender("ours", [engine, "--version"]), contender("node", ["-e", "0"])],
      bounds: [{ peer: "node", atMost: 1.5 }],
    },
  ];
}
