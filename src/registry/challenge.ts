// How a registry says who it wants to hear from.

/** One way to say who asks. Source: RFC 9110, 11.6.1; distribution-spec, "token authentication". */
export type Challenge =
  | { readonly kind: "basic" }
  | {
      readonly kind: "bearer";
      readonly realm: string;
      readonly service: string | undefined;
      readonly scope: string | undefined;
    };

/** The ways that the header `www-authenticate` offers; those we do not know are left out. */
export function parseChallenges(header: string): readonly Challenge[] {
  const found: { scheme: string; fields: Map<string, string> }[] = [];
  for (const [, token = "", equals, quoted, plain] of header.matchAll(partForm)) {
    if (equals === undefined) found.push({ scheme: token.toLowerCase(), fields: new Map() });
    else {
      const value = quoted?.replaceAll(/\\(.)/g, "$1") ?? plain ?? "";
      found.at(-1)?.fields.set(token.toLowerCase(), value);
    }
  }
  return found.flatMap(({ scheme, fields }): Challenge[] => {
    if (scheme === "basic") return [{ kind: "basic" }];
    const realm = fields.get("realm");
    if (scheme !== "bearer" || realm === undefined) return [];
    return [{ kind: "bearer", realm, service: fields.get("service"), scope: fields.get("scope") }];
  });
}

const partForm = /([\w!#$%&'*+.^`|~-]+)(?:\s*(=)\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/g;
