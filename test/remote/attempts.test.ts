import { expect, test } from "vitest";

import { Attempts, type AttemptOptions } from "../../src/remote/attempts.ts";
import { Breaker } from "../../src/remote/breaker.ts";
import { RemoteError, type RemoteErrorKind } from "../../src/remote/remote-error.ts";

function attemptsRig(options: AttemptOptions = {}) {
  const told: string[] = [];
  const pauses: number[] = [];
  const breaker = new Breaker((reason) => void told.push(reason));
  const wait = async (ms: number) => void pauses.push(ms);
  const attempts = new Attempts(breaker, { wait, ...options });
  /** Fails as `kinds` say, one after the other, and then gives "done". */
  const run = async (...kinds: readonly RemoteErrorKind[]) => {
    let tries = 0;
    const end = await attempts
      .run(async (earlier) => {
        expect(earlier).toBe(tries);
        const kind = kinds[tries++];
        if (kind !== undefined) throw new RemoteError(kind, `it is ${kind}`);
        return "done";
      })
      .catch((error: unknown) => (error as RemoteError).kind);
    return `${end} after ${tries}`;
  };
  return { run, told, pauses, breaker };
}

test("what may pass is tried again, with longer and longer pauses", async () => {
  const { run, pauses, told } = attemptsRig();
  expect(await run("transient", "transient", "transient")).toBe("done after 4");
  expect(pauses.length).toBe(3);
  for (const [i, pause] of pauses.entries()) {
    expect(pause).toBeGreaterThanOrEqual(50 * 2 ** i);
    expect(pause).toBeLessThanOrEqual(101 * 2 ** i);
  }
  expect(told).toEqual([]);
});

test.each(["missing", "refused", "unsupported", "denied"] as const)(
  "what is %s stays so: it is not tried again, and no reason to give the remote up",
  async (kind) => {
    const { run, told } = attemptsRig();
    for (let i = 0; i < 10; i++) expect(await run(kind)).toBe(`${kind} after 1`);
    expect(told).toEqual([]);
  },
);

test("three requests in a row that come to nothing give the remote up, with one word of it", async () => {
  const { run, told, breaker } = attemptsRig();
  const never = Array.from({ length: 9 }, () => "transient" as const);
  expect(await run(...never)).toBe("transient after 5");
  expect(await run(...never)).toBe("transient after 5");
  expect(breaker.isOpen).toBe(false);
  expect(await run(...never)).toBe("transient after 5");
  expect(breaker.isOpen).toBe(true);
  expect(await run()).toBe("off after 0");
  expect(told).toEqual(["it is transient"]);
});

test("an answer in between starts the count anew", async () => {
  const { run, breaker } = attemptsRig();
  const never = Array.from({ length: 9 }, () => "transient" as const);
  for (let i = 0; i < 5; i++) {
    await run(...never);
    await run(...never);
    await run("missing");
  }
  expect(breaker.isOpen).toBe(false);
});

test("who does not answer in time is not waited for again, and given up at the second time", async () => {
  const { run, told } = attemptsRig();
  expect(await run("timeout")).toBe("timeout after 1");
  expect(await run("timeout")).toBe("timeout after 1");
  expect(told).toEqual(["it is timeout"]);
});

test("credentials that were denied are renewed once", async () => {
  let renewals = 0;
  const renew = async () => {
    renewals += 1;
    return true;
  };
  const { run } = attemptsRig({ renew });
  expect(await run("denied")).toBe("done after 2");
  expect(await run("denied", "denied")).toBe("denied after 2");
  expect(renewals).toBe(2);
});

test("a server says how long to wait, within bounds", async () => {
  const pauses: number[] = [];
  const attempts = new Attempts(new Breaker(() => undefined), {
    wait: async (ms) => void pauses.push(ms),
  });
  await attempts.run(async (earlier) => {
    if (earlier === 0) throw new RemoteError("transient", "x", { retryAfterMs: 1500 });
    if (earlier === 1) throw new RemoteError("transient", "x", { retryAfterMs: 3_600_000 });
  });
  expect(pauses).toEqual([1500, 2000]);
});

test("what is no failure of a remote is not swallowed", async () => {
  const attempts = new Attempts(new Breaker(() => undefined));
  const bug = new TypeError("bug");
  await expect(attempts.run(() => Promise.reject(bug))).rejects.toBe(bug);
});
