// Which ports of the machine's host lead into the guest. Pure.

import { isIPv4 } from "node:net";

/** One port that is forwarded. */
export interface PortMapping {
  /** An IPv4 address of the host; undefined is all of them. */
  readonly hostAddress: string | undefined;
  readonly hostPort: number;
  readonly guestPort: number;
  readonly protocol: "tcp" | "udp";
}

/** Mappings, in order, or what is wrong with them. */
export type PortMappings =
  | { readonly kind: "ports"; readonly ports: readonly PortMapping[] }
  | { readonly kind: "refused"; readonly reasons: readonly string[] };

const protocols = ["tcp", "udp"] as const;

/** As many as fit into one argument of QEMU. */
const mostPorts = 1000;

/**
 * The mappings that `texts` give, each `[address:]host:guest[/tcp|/udp]`, where both ports may be
 * ranges of one length: `8000-8002:80-82`. A port of the host may be given away once.
 */
export function parsePorts(texts: readonly string[]): PortMappings {
  const parsed = texts.map(parsePort);
  const reasons = parsed.flatMap((one) => (one.kind === "refused" ? one.reasons : []));
  const ports = parsed.flatMap((one) => (one.kind === "ports" ? one.ports : []));
  if (ports.length > mostPorts) reasons.push(`more than ${mostPorts} ports are forwarded`);
  else reasons.push(...duplicatesIn(ports));
  return reasons.length > 0 ? { kind: "refused", reasons } : { kind: "ports", ports };
}

function parsePort(text: string): PortMappings {
  const refused = (reason: string) => ({ kind: "refused", reasons: [reason] }) as const;
  const match = /^(?:(.*):)?([\d-]+):([\d-]+)(?:\/(\w+))?$/.exec(text);
  if (match === null) return refused(`${text} is not of the form [address:]host:guest[/protocol]`);
  const [, hostAddress, hostText = "", guestText = "", name = "tcp"] = match;
  const protocol = protocols.find((one) => one === name);
  if (protocol === undefined) return refused(`${text}: the protocol is tcp or udp, not ${name}`);
  if (hostAddress !== undefined && !isIPv4(hostAddress)) {
    return refused(`${text}: ${hostAddress} is not an IPv4 address`);
  }
  const host = rangeOf(hostText);
  const guest = rangeOf(guestText);
  if (host === undefined || guest === undefined) {
    return refused(`${text}: a port is a number from 1 to 65535, a range two of them`);
  }
  if (host.count !== guest.count) return refused(`${text}: the ranges differ in length`);
  const ports = Array.from({ length: host.count }, (_, i) => ({
    hostAddress: hostAddress === "0.0.0.0" ? undefined : hostAddress,
    hostPort: host.first + i,
    guestPort: guest.first + i,
    protocol,
  }));
  return { kind: "ports", ports };
}

function rangeOf(text: string): { first: number; count: number } | undefined {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (match === null) return undefined;
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  return first >= 1 && last <= 65535 && first <= last
    ? { first, count: last - first + 1 }
    : undefined;
}

function duplicatesIn(ports: readonly PortMapping[]): string[] {
  const taken = new Map<string, Set<string | undefined>>();
  return ports.flatMap(({ hostAddress, hostPort, protocol }) => {
    const name = `${hostPort}/${protocol}`;
    const addresses = taken.get(name) ?? new Set();
    const isAll = hostAddress === undefined && addresses.size > 0;
    const isTaken = isAll || addresses.has(hostAddress) || addresses.has(undefined);
    taken.set(name, addresses.add(hostAddress));
    return isTaken ? [`port ${name} of the host is forwarded twice`] : [];
  });
}
