// Lists of registries that come in pages. Source: distribution-spec, "Content Discovery"; RFC 8288.

import type { Answer } from "../fetch/http-exchange.ts";
import { FetchError } from "../fetch/fetch-error.ts";
import { bodyBytes } from "./answer-body.ts";
import type { Registries, RegistryPlace } from "./registries.ts";
import { failureOfAnswer } from "./registry-failure.ts";

/** A list, as it is asked for. */
export interface PagesRequest {
  /** A path on the host. */
  readonly path: string;
  readonly scope: string;
  readonly place: RegistryPlace;
  readonly registries: Registries;
  /** What to call it in errors. */
  readonly shown: string;
  /** Where the list goes on after `page` when the registry does not say; undefined: nowhere. */
  readonly goOn?: (page: Page) => string | undefined;
}

/** One page. */
export interface Page {
  readonly bytes: Buffer;
  readonly header: Answer["header"];
}

/** All pages of a list, as far as the registry leads. Throws a FetchError. */
export async function* pagesOf(request: PagesRequest): AsyncGenerator<Page> {
  const { path, place, registries, goOn, shown } = request;
  let url = new URL(path, await registries.firstOf([place], ({ host }) => host.origin()));
  const seen = new Set<string>();
  while (!seen.has(url.href)) {
    seen.add(url.href);
    if (seen.size > maxPages) {
      throw new FetchError("too-large", `${shown} has more than ${maxPages} pages`);
    }
    const page = await registries.firstOf([place], () => pageAt(url, request));
    yield page;
    const next = nextIn(page.header("link") ?? "") ?? goOn?.(page);
    if (next === undefined || !URL.canParse(next, url.href)) return;
    url = new URL(next, url);
  }
}

const maxPages = 10_000;
const maxPageBytes = 16 * 1024 * 1024;

async function pageAt(url: URL, { scope, place, registries, shown }: PagesRequest): Promise<Page> {
  const answer = await place.host.ask({ method: "GET", url, scope });
  if (answer.status !== 200) throw await failureOfAnswer(answer, shown, registries.context);
  return { bytes: await bodyBytes(answer, maxPageBytes), header: answer.header };
}

/** The target of the link with the relation `next`; undefined when there is none. */
function nextIn(header: string): string | undefined {
  for (const [, target, parameters = ""] of header.matchAll(linkForm)) {
    if (/;\s*rel\s*=\s*(?:"(?:[^"]*\s)?next(?:\s[^"]*)?"|next(?![^\s;]))/i.test(parameters)) {
      return target;
    }
  }
  return undefined;
}

const linkForm = /<([^>]*)>((?:\s*;\s*[^\s=;,]+(?:\s*=\s*(?:"[^"]*"|[^\s;,"]*))?)*)/g;
