// Packages to begin with, of whatever rule sets there are. What these give is looked at before it is used.

import { posix } from "node:path";

import type { Report } from "../diagnostic/diagnostic.ts";
import { didYouMean } from "../diagnostic/suggest.ts";
import type { RuleSet } from "../rule/rule.ts";
import type { Template, TemplateContext } from "../rule/template.ts";

/** A template, and whose it is. */
export interface OfferedTemplate {
  /** As the user names it: with its rule set where another one has the same. */
  readonly name: string;
  readonly ruleSet: string;
  readonly template: Template;
}

/** A file of a package, by its path from there. */
export type TemplateFile = readonly [path: string, text: string];

/** The templates of `ruleSets`, by name. */
export function offeredBy(ruleSets: readonly RuleSet[]): OfferedTemplate[] {
  const all = ruleSets.flatMap(({ name: ruleSet, templates = [] }) =>
    templates.map((template) => ({ ruleSet, template })),
  );
  return all
    .map(({ ruleSet, template }) => {
      const isShared = all.filter((one) => one.template.name === template.name).length > 1;
      const name = isShared ? `${ruleSet}/${template.name}` : template.name;
      return { name, ruleSet, template };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The one of `offered` that the user means by `name`; undefined when there is none: reported. */
export function templateNamed(
  name: string,
  offered: readonly OfferedTemplate[],
  report: Report,
): OfferedTemplate | undefined {
  const found = offered.find(
    (one) => one.name === name || `${one.ruleSet}/${one.template.name}` === name,
  );
  if (found !== undefined) return found;
  const names = offered.map((one) => one.name);
  const { help = `there are ${names.join(", ")}` } = didYouMean(name, names);
  const message = `no rule set has a template "${name}"`;
  report({ severity: "error", code: "unknown-template", message, help });
  return undefined;
}

/** The files that `offered` gives for a package; undefined when it gives none that is right: reported. */
export function filesOf(
  { ruleSet, template }: OfferedTemplate,
  context: TemplateContext,
  report: Report,
): readonly TemplateFile[] | undefined {
  try {
    const files: unknown = template.files(context);
    return checked(files);
  } catch (error) {
    // Whatever a stranger's code throws.
    const reason = error instanceof Error ? error.message : String(error);
    const message = `the template ${ruleSet}/${template.name} failed: ${reason}`;
    report({ severity: "error", code: "broken-rule-set", message });
    return undefined;
  }
}

function checked(files: unknown): readonly TemplateFile[] {
  if (typeof files !== "object" || files === null) throw new TypeError("it gave no files");
  const entries = Object.entries(files);
  if (entries.length === 0) throw new TypeError("it gave no files");
  return entries.map(([path, text]): TemplateFile => {
    const isInside = path !== "" && posix.normalize(`/${path}`) === `/${path}`;
    if (!isInside) throw new TypeError(`"${path}" is no path below the package`);
    if (typeof text !== "string") throw new TypeError(`what it gave for ${path} is no text`);
    return [path, text];
  });
}
