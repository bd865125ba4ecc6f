import { describe, expect, onTestFinished, test } from "vitest";

import { startFaultyGrpc } from "../remote/faulty-grpc.ts";
import { freePort } from "../remote/live-server.ts";
import { cWorkspace } from "./c-workspace.ts";
import { givingFaults, isOff, on, readingFaults } from "./remote-fault-cases.ts";
import { always, faultRig, impatient, patienceFor } from "./remote-fault-rig.ts";

const { build, serverOf, seeded, expectSound } = faultRig(cWorkspace);

describe.each(["grpc", "http"])("over %s, a server", (protocol) => {
  test.each(readingFaults)(
    "that %s is no reason to fail",
    async (about, faults, { hits, note }) => {
      const server = await serverOf(protocol, true);
      server.faults = faults;
      const ran = await build(server.address, ...patienceFor(about));
      await expectSound(ran);
      expect(ran.counts["remoteHit"] ?? 0, ran.text).toBe(hits);
      expect(ran.counts["executed"] ?? 0, ran.text).toBe(4 - hits);
      if (note !== undefined) expect(ran.text).toMatch(note);
    },
  );

  test.each(givingFaults)("that %s is no reason to fail", async (about, faults, note) => {
    const server = await serverOf(protocol, false);
    server.faults = faults;
    const ran = await build(server.address, ...patienceFor(about), always);
    await expectSound(ran, server);
    if (note !== undefined) expect(ran.text).toMatch(note);
    // Whatever it kept is of use, or none, to the next one.
    server.faults = () => undefined;
    await expectSound(await build(server.address), server);
  });

  test("that is not there is told of once", async () => {
    const ran = await build(`${protocol}://127.0.0.1:${await freePort()}`, always);
    await expectSound(ran);
    expect(ran.text).toMatch(isOff);
  });

  test("that lost one blob gives all that does not need it", async () => {
    const server = await serverOf(protocol, true);
    const { outputs } = await seeded();
    expect(server.blobs.delete(outputs["app/zero/zero"]?.replace(" x", "") ?? "")).toBe(true);
    const ran = await build(server.address);
    await expectSound(ran);
    expect(ran.counts).toEqual({ remoteHit: 3, executed: 1 });
  });

  test("that loses blobs between look-up and use has their producers run again", async () => {
    const server = await serverOf(protocol, true);
    // The last step runs here, and reads what was only looked up.
    const sum = (await seeded()).outputs["app/sum/sum"]?.replace(" x", "") ?? "";
    server.blobs.delete(sum);
    server.faults = on("read", "gone");
    const ran = await build(server.address, "--download=toplevel");
    await expectSound(ran);
    expect(ran.counts["executed"], ran.text).toBeGreaterThan(0);
  });

  test("that is killed during a build is done without", async () => {
    const server = await serverOf(protocol, true);
    server.faults = ({ count }) => {
      if (count === 4) void server.stop();
      return undefined;
    };
    await expectSound(await build(server.address, impatient, always));
  });
});

test("a server that is killed and started again is used again", async () => {
  const kept = await serverOf("grpc", true);
  const port = await freePort();
  let server = await startFaultyGrpc({ port, kept });
  onTestFinished(() => server.stop());
  const restart = async () => {
    await server.stop();
    server = await startFaultyGrpc({ port, kept });
  };
  server.faults = ({ count }) => {
    if (count === 4) void restart();
    return count === 4 ? "unavailable" : undefined;
  };
  const ran = await build(server.address);
  await expectSound(ran);
  expect(ran.counts).toEqual({ remoteHit: 4 });
});

test("a server that cannot be used says so by its capabilities, and is asked nothing else", async () => {
  const server = await startFaultyGrpc({ capabilities: { digestFunctions: [2] } });
  onTestFinished(() => server.stop());
  const ran = await build(server.address, always);
  await expectSound(ran);
  expect(ran.text).toMatch(/^note: going on without .* SHA-256$/m);
  expect([...server.asked.keys()]).toEqual(["abilities"]);
});
