import { rootCertificates } from "node:tls";

import { readIfThere } from "../store/process-identity.ts";

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
