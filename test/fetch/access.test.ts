import { writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { bytes, certificateForAll, place, whole } from "./download-rig.ts";
import { freshDirectory } from "./fetch-rig.ts";
import { fileListener, serve, serveProxy } from "./server-rig.ts";

const { tls, trusting } = certificateForAll();

describe("redirections", () => {
  test("are followed, also from http to https and to relative places", async () => {
    const { get } = place(trusting);
    const target = await serve(fileListener(bytes), tls);
    const { url, log } = await serve(({ url: path }, answer) => {
      const location = path === "/a" ? "b?c=d" : `${target.url}/e`;
      answer.writeHead(302, { location }).end("moved");
    });
    expect(await get([`${url}/a`]).result).toMatchObject({ ...whole, url: `${url}/a` });
    expect(log.map(({ path }) => path)).toEqual(["/a", "/b?c=d"]);
  });

  test.each([
    ["http://127.0.0.1:1/a", "unprotected http, which is refused"],
    ["file:///etc/passwd", "file, which is refused"],
    ["ftp://127.0.0.1/a", "ftp, which is refused"],
    ["data:,sources", "data, which is refused"],
    ["https://", "what is not an address"],
  ])("from https to %s are refused", async (location, what) => {
    const { failure } = place(trusting);
    const { url, log } = await serve((_, answer) => answer.writeHead(301, { location }).end(), tls);
    expect(await failure([`${url}/a`])).toBe(`bad-redirect: ${url}/a sends on to ${what}`);
    expect(log).toHaveLength(1);
  });

  test("in circles end", async () => {
    const { failure } = place();
    const { url, log } = await serve((_, answer) => answer.writeHead(302, { location: "/" }).end());
    expect(await failure([`${url}/`])).toBe(`bad-redirect: ${url}/ sends on more than 10 times`);
    expect(log).toHaveLength(11);
  });

  test("to other hosts take no credentials along, and those of that host from netrc", async () => {
    const home = freshDirectory();
    writeFileSync(join(home, ".netrc"), "default login anyone password any\n");
    const { get } = place({ HOME: home });
    const other = await serve(fileListener(bytes));
    const { url, log } = await serve(({ url: path }, answer) => {
      const location = path === "/a" ? "/b" : other.url;
      answer.writeHead(302, { location }).end();
    });
    expect(await get([`${url.replace("//", "//me:secret@")}/a`]).result).toMatchObject(whole);
    expect(log.map(({ authorization }) => authorization)).toEqual([
      basic("me:secret"),
      basic("me:secret"),
    ]);
    expect(other.log.map(({ authorization }) => authorization)).toEqual([undefined]);
  });
});

describe("credentials", () => {
  const guarded: RequestListener = (question, answer) => {
    if (question.headers.authorization === basic("me:p w%")) fileListener(bytes)(question, answer);
    else answer.writeHead(401).end();
  };

  test("come from the address, and are in no result and no message", async () => {
    const { get, failure } = place();
    const { url } = await serve(guarded);
    const withUser = (user: string) => `${url.replace("//", `//${user}@`)}/a`;
    expect(await get([withUser("me:p%20w%25")]).result).toMatchObject({
      ...whole,
      url: `${url}/a`,
    });
    expect(await failure([withUser("me:wrong")])).toBe(`refused: ${url}/a: the server answers 401`);
  });

  test("come from ~/.netrc, or the file that NETRC names", async () => {
    const home = freshDirectory();
    const text = 'machine other login x password y\nmachine 127.0.0.1 login me password "p w%"\n';
    writeFileSync(join(home, ".netrc"), text);
    writeFileSync(join(home, "empty"), "");
    const { url } = await serve(guarded);
    expect(await place({ HOME: home }).get([url]).result).toMatchObject(whole);
    const netrc = { HOME: home, NETRC: join(home, "empty") };
    expect(await place(netrc).failure([`${url}/a`])).toContain("refused: ");
  });
});

describe("certificates", () => {
  test("that nobody vouches for are refused at once", async () => {
    const { failure } = place();
    const { url, log } = await serve(fileListener(bytes), tls);
    expect(await failure([`${url}/a`])).toBe(
      `untrusted: ${url}/a: the server cannot be trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE)`,
    );
    expect(log).toHaveLength(0);
  });

  test("of another host are refused", async () => {
    const { failure } = place({ ...trusting });
    const { url } = await serve(fileListener(bytes), tls);
    const other = url.replace("127.0.0.1", "localhost");
    expect(await failure([`${other}/a`])).toBe(
      `untrusted: ${other}/a: the server cannot be trusted (ERR_TLS_CERT_ALTNAME_INVALID)`,
    );
  });

  test("can be added to those that the system trusts", async () => {
    const { url } = await serve(fileListener(bytes), tls);
    const adding = { NODE_EXTRA_CA_CERTS: tls.ca };
    expect(await place(adding).get([url]).result).toMatchObject(whole);
  });

  test("in a file that is not there are an error, not silently left out", async () => {
    const { url } = await serve(fileListener(bytes), tls);
    expect(await place({ SSL_CERT_FILE: "/nowhere" }).failure([`${url}/a`])).toBe(
      "untrusted: /nowhere, which SSL_CERT_FILE names, cannot be read",
    );
  });
});

describe("a proxy", () => {
  test("tunnels https, and forwards http", async () => {
    const proxy = await serveProxy();
    const { get } = place({ ...trusting, https_proxy: proxy.url, HTTP_PROXY: proxy.url });
    const secure = await serve(fileListener(bytes), tls);
    const plain = await serve(fileListener(bytes));
    expect(await get([`${secure.url}/a`]).result).toMatchObject(whole);
    expect(await get([`${plain.url}/b`]).result).toMatchObject(whole);
    expect(proxy.log).toEqual([
      `CONNECT ${secure.url.replace("https://", "")}`,
      `GET ${plain.url}/b`,
    ]);
  });

  test("is told who asks, when its address says it", async () => {
    const proxy = await serveProxy("me:secret");
    const { url } = await serve(fileListener(bytes), tls);
    expect(await place({ ...trusting, HTTPS_PROXY: proxy.url }).get([url]).result).toMatchObject(
      whole,
    );
    const nameless = proxy.url.replace("me:secret@", "");
    const says = await place({ ...trusting, HTTPS_PROXY: nameless }).failure([`${url}/a`]);
    expect(says).toBe(`refused: ${url}/a: the proxy answers 407`);
  });

  test("that refuses plain http is told of", async () => {
    const proxy = await serveProxy("me:secret");
    const { url } = await serve(fileListener(bytes));
    const nameless = proxy.url.replace("me:secret@", "");
    const says = await place({ HTTP_PROXY: nameless }).failure([`${url}/a`]);
    expect(says).toBe(`refused: ${url}/a: the proxy answers 407`);
    expect(proxy.log).toHaveLength(1);
  });

  test("is left out for the hosts in NO_PROXY", async () => {
    const proxy = await serveProxy();
    const { url } = await serve(fileListener(bytes));
    const environment = { ALL_PROXY: proxy.url, NO_PROXY: "example.org,127.0.0.1" };
    expect(await place(environment).get([url]).result).toMatchObject(whole);
    expect(proxy.log).toEqual([]);
  });

  test("without a proper address is an error that does not show it", async () => {
    const { url } = await serve(fileListener(bytes));
    expect(await place({ HTTP_PROXY: "secret://me:secret@host" }).failure([`${url}/a`])).toBe(
      "bad-address: HTTP_PROXY is not the address of a proxy",
    );
  });
});

function basic(credentials: string): string {
  return `Basic ${Buffer.from(credentials).toString("base64")}`;
}
