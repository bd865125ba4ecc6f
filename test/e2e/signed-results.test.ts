import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { cWorkspace } from "./c-workspace.ts";
import { filesBelow, rig, temporaryDirectory } from "./rig.ts";

/** A key pair of openssl's, in files. */
function keyPair() {
  const directory = temporaryDirectory();
  const [secret, trusted] = [join(directory, "secret.pem"), join(directory, "trusted.pem")];
  const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "ignore" });
  openssl("genpkey", "-algorithm", "ed25519", "-out", secret);
  openssl("pkey", "-in", secret, "-pubout", "-out", trusted);
  return { sign: `--remote-sign-key=${secret}`, trust: `--remote-trust-key=${trusted}` };
}

/** A folder with the results of the workspace in C, given with `words`. */
async function filled(...words: string[]) {
  const directory = join(temporaryDirectory(), "share");
  mkdirSync(directory);
  const remote = `--remote-cache=file:${directory}`;
  const first = await rig(cWorkspace).build("//...", remote, "--remote-upload=always", ...words);
  expect(first, first.text).toMatchObject({ code: 0, counts: { executed: 4 } });
  return { directory, remote };
}

const refusal = /^note: results of the remote cache .* are not used: no key that is trusted/gm;

test("results are used that a trusted key has signed, and no others", async () => {
  const [ours, theirs] = [keyPair(), keyPair()];
  const signed = await filled(ours.sign);
  const trusting = await rig(cWorkspace).build("//...", signed.remote, ours.trust);
  expect(trusting, trusting.text).toMatchObject({ code: 0, counts: { remoteHit: 4 } });
  const either = await rig(cWorkspace).build("//...", signed.remote, theirs.trust, ours.trust);
  expect(either.counts).toEqual({ remoteHit: 4 });
  // Who trusts everybody reads signed results, too.
  expect((await rig(cWorkspace).build("//...", signed.remote)).counts).toEqual({ remoteHit: 4 });
  const { remote } = await filled();
  for (const words of [
    [remote, ours.trust],
    [signed.remote, theirs.trust],
  ]) {
    const built = await rig(cWorkspace).build("//...", ...words);
    expect(built, built.text).toMatchObject({ code: 0, counts: { executed: 4 } });
    expect(built.text.match(refusal)).toHaveLength(1);
  }
});

test("a signed result under the key of another action is not used", async () => {
  const ours = keyPair();
  const { directory, remote } = await filled(ours.sign);
  const results = filesBelow(join(directory, "ac")).map((path) => join(directory, "ac", path));
  const [one = "", other = ""] = results;
  copyFileSync(one, other);
  const built = await rig(cWorkspace).build("//...", remote, ours.trust);
  expect(built.code, built.text).toBe(0);
  expect(built.counts["executed"]).toBeGreaterThan(0);
});

test("a key that cannot be read costs the remote, and trusts nobody", async () => {
  const { remote } = await filled();
  const built = await rig(cWorkspace).build("//...", remote, "--remote-trust-key=/absent.pem");
  expect(built, built.text).toMatchObject({ code: 0, counts: { executed: 4 } });
  expect(built.text).toContain("remote.trustKeys: ENOENT");
});

test("cache verify takes out what is damaged, and says which", async () => {
  const { build, run, cache } = rig(cWorkspace);
  await build("//...");
  const sound = await run(["cache", "verify"]);
  expect(sound.code).toBe(0);
  expect(sound.stdout).toMatch(/^\d+ blobs and 4 results: all are what their names say\n$/);
  const [blob = ""] = filesBelow(join(cache, "cas"));
  const path = join(cache, "cas", blob);
  execFileSync("chmod", ["u+w", path]);
  writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.from("x")]));
  const found = await run(["cache", "verify"]);
  expect(found.code).toBe(1);
  expect(found.stdout).toMatch(/cas\/.*\n\d+ blobs and 4 results: 1 were damaged, and are removed/);
  expect((await run(["cache", "verify"])).code).toBe(0);
  expect((await build("//...", "--recheck")).code).toBe(0);
});

test("cache why-miss says what differs from what another machine left", async () => {
  const { remote } = await filled();
  const address = remote.slice("--remote-cache=".length);
  const other = rig(cWorkspace);
  expect((await other.build("//...")).code).toBe(0);
  expect((await other.run(["why", "--export", address, "//..."])).code).toBe(0);
  const changed = rig({ ...cWorkspace, "app/zero.c": "int main(void) { return 0 * 1; }\n" });
  expect((await changed.build("//...")).code).toBe(0);
  const told = await changed.run(["cache", "why-miss", "//app:zero", "--against", address]);
  expect(told.code, told.stderr).toBe(0);
  expect(told.stdout).toContain("app/zero.c");
});
