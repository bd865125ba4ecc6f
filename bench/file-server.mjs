// Serves one file by http on loopback, and prints its address. A process of its own, as what is
// timed keeps the benchmark's waiting.
//
// Usage: node file-server.mjs FILE

import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";

const [, , path] = process.argv;
const size = statSync(path).size;
const server = createServer((_, answer) => {
  answer.writeHead(200, { "content-length": size, etag: '"1"' });
  createReadStream(path, { highWaterMark: 1 << 20 }).pipe(answer);
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
