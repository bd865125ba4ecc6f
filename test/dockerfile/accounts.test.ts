// Users and groups that the image does not know, and ports.

import { afterAll, expect, test } from "vitest";

import { openCases } from "./case-rig.ts";
import { planOf } from "./dockerfile-rig.ts";

const place = openCases(() => undefined);
afterAll(() => place.close());

test.each([
  ["web:none", "/etc/group knows no group none"],
  ["none", "/etc/passwd knows no user none"],
])("a RUN as %s fails, as the image does not know it", async (user, message) => {
  const text = `FROM localhost/base\nUSER ${user}\nRUN id\n`;
  await expect(place.embedded(user.replace(":", "-"), text)).rejects.toThrow(message);
});

test("a group without a name that is in no file is that number, and one with a name its own", async () => {
  const run = "RUN id -u > /tmp/x && id -g >> /tmp/x && cat /tmp/x\n";
  const text = `FROM localhost/base\nUSER 77:88\n${run}USER 77:wheel\nRUN id -g >> /tmp/x\n`;
  const lines = await place.embedded("numbers", text);
  expect(lines).toContain('tmp/x file 0644 77:88 "77\\n88\\n10\\n"');
});

test("ports that go backwards are a mistake", () => {
  expect(planOf("FROM scratch\nEXPOSE 82-80\n").printed).toContain("EXPOSE 82-80 goes backwards");
});
