// What registries answer when they do not do what they were asked.

import type { FetchContext } from "../fetch/fetch-context.ts";
import type { Answer } from "../fetch/http-exchange.ts";
import { AttemptFailed, failureOfStatus } from "../fetch/http-failure.ts";
import { FetchError } from "../fetch/fetch-error.ts";
import { bodyText } from "./answer-body.ts";

/**
 * The error that `answer`, which has an unwanted status, is; `shown` is what was asked for. With the
 * registry's own words, as it knows more than a number.
 */
export async function failureOfAnswer(
  answer: Answer,
  shown: string,
  { epochMs }: Pick<FetchContext, "epochMs">,
): Promise<Error> {
  const said = await wordsOf(answer);
  const failure = failureOfStatus(answer, shown, epochMs());
  const { code, message } = failure.error;
  const host = shown.split("/")[0] ?? "";
  const help = code === "refused" ? `"kraft-graph login ${host}" says who to be` : undefined;
  const error = new FetchError(code, said === "" ? message : `${message}: ${said}`, {
    ...(help !== undefined && { help }),
  });
  return new AttemptFailed({ ...failure, error });
}

/** Source: distribution-spec, "Error Codes". */
async function wordsOf(answer: Answer): Promise<string> {
  try {
    const value = JSON.parse(await bodyText(answer, maxBytes)) as { errors?: unknown };
    const [first] = Array.isArray(value.errors) ? (value.errors as unknown[]) : [];
    if (typeof first !== "object" || first === null) return "";
    const [message, code] = ["message", "code"].map((name): unknown => Reflect.get(first, name));
    const words = typeof message === "string" && message !== "" ? message : code;
    return typeof words === "string" ? words.slice(0, 200) : "";
  } catch {
    return ""; // It is only for people, and may have broken off.
  }
}

const maxBytes = 64 * 1024;
