import { existsSync, readdirSync, writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { download } from "../../src/fetch/download.ts";
import {
  bytes,
  certificateForAll,
  contentOf,
  digestOf,
  place,
  sha256,
  whole,
} from "./download-rig.ts";
import { freshDirectory, testContext } from "./fetch-rig.ts";
import { fileListener, sendFile, serve } from "./server-rig.ts";

const { tls, trusting } = certificateForAll();

test("a file is fetched, verified and left under its name, and nothing else", async () => {
  const { directory, get } = place(trusting);
  const { url } = await serve(fileListener(bytes), tls);
  const promised = ["sha256", "sha512", "sha1", "md5"].map(
    (name) => `${name}:${digestOf(bytes, name).toUpperCase()}`,
  );
  const { progress, result } = get([`${url}/a.tgz`], { checksums: promised });
  expect(await result).toEqual({ ...whole, url: `${url}/a.tgz`, etag: '"1"' });
  expect(contentOf(directory)).toEqual({ "a.tgz": sha256 });
  expect(progress[0]).toEqual([0, bytes.byteLength]);
  expect(progress.at(-1)).toEqual([bytes.byteLength, bytes.byteLength]);
});

test("other bytes than promised are an error that shows both digests", async () => {
  const { directory, failure } = place();
  const { url, log } = await serve(fileListener(Buffer.from("others")));
  expect(await failure([`${url}/a.tgz`])).toBe(
    `digest-mismatch: ${url}/a.tgz is not what it should be: ` +
      `expected sha256:${sha256}, found sha256:${digestOf("others", "sha256")}`,
  );
  expect(contentOf(directory)).toEqual({});
  expect(log).toHaveLength(1);
});

test("files of the machine are copied, by path and by address", async () => {
  const { directory, get } = place();
  const from = join(directory, "original");
  writeFileSync(from, bytes);
  for (const url of [from, `file://${from}`]) {
    expect(await get([url]).result).toEqual({ ...whole, url: from });
    expect(contentOf(directory)).toEqual({ "a.tgz": sha256, original: sha256 });
  }
});

describe("what cannot be fetched is told in one line", () => {
  test.each([
    ["ftp://host/a", "bad-address: ftp://host/a is not an address to fetch from"],
    ["a.tgz", "bad-address: a.tgz is not an address to fetch from"],
    ["file://host/a", "bad-address: file://host/a is not a file of this machine"],
    ["/nowhere/a.tgz", "not-found: /nowhere/a.tgz does not exist"],
    ["/dev/zero", "not-found: /dev/zero is not a file"],
    ["/usr", "not-found: /usr is not a file"],
    [
      "http://u:secret@127.0.0.1:1/a?key=secret",
      "unreachable: http://127.0.0.1:1/a?…: nobody listens there (ECONNREFUSED)",
    ],
  ])("%s", async (url, says) => {
    const { directory, failure } = place();
    expect(await failure([url])).toBe(says);
    expect(contentOf(directory)).toEqual({});
  });
});

test.each([
  [404, "not-found", 1],
  [410, "not-found", 1],
  [401, "refused", 1],
  [403, "refused", 1],
  [400, "server-error", 1],
  [204, "server-error", 1],
  [500, "server-error", 5],
  [503, "server-error", 5],
  [429, "server-error", 5],
])("the answer %d is %s after %d attempts", async (status, code, count) => {
  const { failure } = place();
  const { url, log } = await serve((_, answer) => answer.writeHead(status).end());
  expect(await failure([`${url}/a`])).toBe(`${code}: ${url}/a: the server answers ${status}`);
  expect(log).toHaveLength(count);
});

describe("a server that fails for a while is asked again", () => {
  test("after errors, with longer and longer waits in between", async () => {
    const { get } = place();
    const { url } = await serve(afterFailures(3, (_, answer) => answer.writeHead(502).end()));
    const { waits, result } = get([url]);
    expect(await result).toMatchObject(whole);
    expect(waits).toEqual([375, 750, 1500]);
  });

  test("no earlier than it says, in seconds or by a date", async () => {
    const { get } = place();
    const says = ["7", "Tue, 01 Jan 2030 00:00:30 GMT", "nonsense"];
    const { url } = await serve(
      afterFailures(3, (_, answer) => {
        answer.writeHead(429, { "retry-after": says.shift() }).end();
      }),
    );
    const { waits, result } = get([url]);
    expect(await result).toMatchObject(whole);
    expect(waits).toEqual([7_000, 30_000, 1_500]);
  });

  test("but not when it wants to be left alone for an hour", async () => {
    const { failure } = place();
    const { url, log } = await serve((_, answer) => {
      answer.writeHead(503, { "retry-after": "3600" }).end();
    });
    expect(await failure([`${url}/a`])).toBe(`server-error: ${url}/a: the server answers 503`);
    expect(log).toHaveLength(1);
  });

  test("when it hangs up without a word", async () => {
    const { get } = place();
    const { url } = await serve(afterFailures(2, (question) => question.socket.destroy()));
    expect(await get([url]).result).toMatchObject(whole);
  });
});

test("a slow server is waited for, piece by piece", async () => {
  const { directory, get } = place(trusting);
  let rest: Buffer = bytes;
  let give = (): void => undefined;
  const { url, log } = await serve((_, answer) => {
    answer.writeHead(200, { "content-length": bytes.byteLength });
    give = () => {
      if (rest.byteLength === 0) return void answer.end();
      answer.write(rest.subarray(0, 100));
      rest = rest.subarray(100);
    };
    give();
  }, tls);
  // It has no more to say before what it said has come.
  const { progress, waits, result } = get([`${url}/a.tgz`], { onBytes: () => give() });
  expect(await result).toMatchObject(whole);
  expect(contentOf(directory)).toEqual({ "a.tgz": sha256 });
  expect([log.length, waits]).toEqual([1, []]);
  expect(progress.length).toBeGreaterThan(bytes.byteLength / 100);
});

describe("what broke off is gone on with", () => {
  test("where it stopped", async () => {
    const { directory, get } = place(trusting);
    const { url, log } = await serve(afterFailures(2, breakOff), tls);
    expect(await get([url]).result).toMatchObject(whole);
    expect(log.map(({ range }) => range)).toEqual([undefined, "bytes=1000-", "bytes=2000-"]);
    expect(contentOf(directory)).toEqual({ "a.tgz": sha256 });
  });

  test("by another process, when a place for the part was given", async () => {
    const { directory, get, failure } = place();
    const partial = join(directory, "part");
    let isBroken = true;
    const { url, log } = await serve((question, answer) => {
      if (!isBroken) return sendFile(question, answer, { bytes, etag: '"1"' });
      if (question.headers.range) question.socket.destroy();
      else breakOff(question, answer);
    });
    expect(await failure([`${url}/a`], { partial })).toContain("unreachable: ");
    expect(readdirSync(directory)).toEqual(["part", "part.json"]);
    isBroken = false;
    expect(await get([url], { partial }).result).toMatchObject(whole);
    expect(log.at(-1)?.range).toBe("bytes=1000-");
    expect(contentOf(directory)).toEqual({ "a.tgz": sha256 });
  });

  test("from the start when the server has another version by now", async () => {
    const { get } = place();
    let count = 0;
    const { url, log } = await serve((question, answer) => {
      if (count++ === 0) return breakOff(question, answer);
      sendFile(question, answer, { bytes, etag: '"2"' });
    });
    expect(await get([url], { checksums: [] }).result).toMatchObject({ ...whole, etag: '"2"' });
    expect(log.map(({ range }) => range)).toEqual([undefined, "bytes=1000-"]);
  });

  test("from the start when the server gives the part of another version", async () => {
    const { get } = place();
    let count = 0;
    const other = Buffer.alloc(bytes.byteLength, "x");
    const { url } = await serve((question, answer) => {
      if (count++ === 0) return breakOff(question, answer);
      delete question.headers["if-range"]; // Heeds the one header, and not the other.
      sendFile(question, answer, { bytes: other, etag: '"2"' });
    });
    const { waits, result } = get([url], { checksums: [] });
    expect(await result).toMatchObject({ sha256: digestOf(other, "sha256") });
    expect(waits).toEqual([375]);
  });

  test("from the start when its digest tells that the part was wrong", async () => {
    const { directory, get } = place();
    const partial = join(directory, "part");
    writeFileSync(partial, "not sources");
    writeFileSync(`${partial}.json`, '{"etag":"\\"1\\""}');
    const { url, log } = await serve(fileListener(bytes));
    expect(await get([url], { partial }).result).toMatchObject(whole);
    expect(log.map(({ range }) => range)).toEqual(["bytes=11-", undefined]);
  });

  test("from the start when the server has less than that", async () => {
    const { directory, get } = place();
    const partial = join(directory, "part");
    writeFileSync(partial, Buffer.alloc(bytes.byteLength));
    writeFileSync(`${partial}.json`, '{"etag":"\\"1\\""}');
    const { url, log } = await serve(fileListener(bytes));
    expect(await get([url], { partial }).result).toMatchObject(whole);
    expect(log).toHaveLength(2);
  });

  test("from the start when nobody noted what the part is of", async () => {
    const { directory, get } = place();
    const partial = join(directory, "part");
    writeFileSync(partial, bytes.subarray(0, 100));
    writeFileSync(`${partial}.json`, "{");
    const { url, log } = await serve(fileListener(bytes));
    expect(await get([url], { partial }).result).toMatchObject(whole);
    expect(log.map(({ range }) => range)).toEqual([undefined]);
  });

  test("from the start when the server knows no parts", async () => {
    const { get } = place();
    const { url } = await serve(afterFailures(1, breakOff, (_, answer) => answer.end(bytes)));
    expect(await get([url]).result).toMatchObject(whole);
  });
});

test("fewer bytes than announced are never taken for the file", async () => {
  const { directory, failure } = place();
  const { url } = await serve((_, answer) => {
    answer.writeHead(200, { "content-length": bytes.byteLength + 1 });
    answer.write(bytes, () => answer.destroy());
  });
  expect(await failure([`${url}/a`], { checksums: [] })).toMatch(/^unreachable: .*\/a: /);
  expect(contentOf(directory)).toEqual({});
});

test("more bytes than announced are never taken for the file", async () => {
  const { directory, failure } = place();
  const { url } = await serve((question) => {
    question.socket.end(`HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef`);
  });
  expect(await failure([`${url}/a`])).toContain(`${url}/a`);
  expect(contentOf(directory)).toEqual({});
});

test("what is too large is refused, announced or not", async () => {
  const { directory, failure } = place();
  const says = (url: string) => `too-large: ${url} is larger than 1000 bytes`;
  const announced = await serve(fileListener(bytes));
  expect(await failure([`${announced.url}/a`], { limitBytes: 1_000 })).toBe(
    says(`${announced.url}/a`),
  );
  const chunked = await serve((_, answer) => {
    answer.write(bytes);
    answer.end(bytes);
  });
  expect(await failure([`${chunked.url}/a`], { limitBytes: 1_000 })).toBe(says(`${chunked.url}/a`));
  const file = join(freshDirectory(), "file");
  writeFileSync(file, bytes);
  expect(await failure([file], { limitBytes: 1_000 })).toBe(says(file));
  expect(contentOf(directory)).toEqual({});
});

describe("of several addresses", () => {
  test("the first that works is taken, and the next is tried at once", async () => {
    const { get } = place();
    const broken = await serve((_, answer) => answer.writeHead(500).end());
    const lying = await serve(fileListener(Buffer.from("others")));
    const good = await serve(fileListener(bytes));
    const { waits, result } = get([broken.url, "/nowhere", lying.url, good.url]);
    expect(await result).toMatchObject({ ...whole, url: `${good.url}/` });
    expect(waits).toEqual([]);
  });

  test("all are named when none works, and wrong bytes weigh most", async () => {
    const { failure } = place();
    const lying = await serve(fileListener(Buffer.from("others")));
    expect(await failure(["/nowhere", `${lying.url}/a`])).toBe(
      "digest-mismatch: none of 2 addresses works: /nowhere does not exist; " +
        `${lying.url}/a is not what it should be: expected sha256:${sha256}, ` +
        `found sha256:${digestOf("others", "sha256")}`,
    );
  });
});

test("what the server still has is not fetched again", async () => {
  const { directory, get } = place();
  const { url, log } = await serve(fileListener(bytes));
  const first = await get([url]).result;
  const again = await get([url], { etag: first.etag ?? "" }).result;
  expect(again).toEqual(first);
  const changed = await serve(fileListener(Buffer.from("new"), '"2"'));
  const other = await get([changed.url], { etag: '"1"', checksums: [] }).result;
  expect(other).toMatchObject({ sha256: digestOf("new", "sha256"), etag: '"2"' });
  expect(log).toHaveLength(2);
  expect(contentOf(directory)).toEqual({ "a.tgz": digestOf("new", "sha256") });
});

test("an interrupted download leaves nothing, or the part that was asked for", async () => {
  for (const partial of [undefined, "part"]) {
    const { directory, get } = place();
    const { url } = await serve((_, answer) => void answer.write(bytes));
    const kept = partial === undefined ? {} : { partial: join(directory, partial) };
    const { abort, result } = get([url], { ...kept, onBytes: () => abort.abort() });
    await expect(result).rejects.toMatchObject({ code: "interrupted" });
    expect(existsSync(join(directory, "a.tgz"))).toBe(false);
    expect(readdirSync(directory)).toEqual(partial === undefined ? [] : ["part", "part.json"]);
  }
});

test("a disk that cannot be written to is told of as such", async () => {
  const { url } = await serve(fileListener(bytes));
  const { context } = testContext();
  const request = { urls: [url], checksums: [], to: "/proc/a.tgz" };
  await expect(download(request, context)).rejects.toMatchObject({
    name: "StoreError",
    path: "/proc/a.tgz",
  });
});

/** Answers with `failure` so many times, then as it should. */
function afterFailures(
  count: number,
  failure: RequestListener,
  success: RequestListener = fileListener(bytes),
): RequestListener {
  let left = count;
  return (question, answer) => (left-- > 0 ? failure : success)(question, answer);
}

/** Gives 1000 bytes of what it should, and hangs up. */
const breakOff: RequestListener = ({ headers }, answer) => {
  const start = Number(/\d+/.exec(headers.range ?? "0")?.[0]);
  const rest = bytes.subarray(start);
  const range = `bytes ${start}-${bytes.byteLength - 1}/${bytes.byteLength}`;
  answer.writeHead(headers.range ? 206 : 200, {
    etag: '"1"',
    "content-length": rest.byteLength,
    ...(headers.range && { "content-range": range }),
  });
  answer.write(rest.subarray(0, 1_000), () => answer.destroy());
};
