import { readFileSync } from "node:fs";
import { rootCertificates } from "node:tls";

/** Where distributions keep the authorities that the machine trusts. */
const systemFiles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/cert.pem",
];

/** Whom to trust: the machine's authorities, else those of Node, and `more`, as PEM. */
export function systemAuthorities(more: string | undefined): string {
  const system = systemFiles.map(readIfThere).find((text) => text !== undefined);
  return [system ?? rootCertificates.join("\n"), ...(more === undefined ? [] : [more])].join("\n");
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
