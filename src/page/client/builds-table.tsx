import type { PageBuild } from "../page-data.ts";
import { reuseOf } from "./page-store.ts";
import { shownStates, stateWords } from "./words.ts";

/** The last builds, and how much of each was cached. */
export function BuildsTable({ builds }: { readonly builds: readonly PageBuild[] }) {
  if (builds.length === 0) return <p class="nothing">No build is written down yet.</p>;
  return (
    <div class="page-of-rows" tabIndex={0} role="region" aria-label="Builds">
      <table class="builds">
        <caption>Builds that had anything to do, the latest first</caption>
        <thead>
          <tr>
            <th scope="col">Began</th>
            <th scope="col">Of</th>
            <th scope="col">Ended</th>
            <th scope="col" class="number">
              Actions
            </th>
            <th scope="col">Not made again</th>
          </tr>
        </thead>
        <tbody>
          {builds.map((build) => (
            <Build key={build.startedMs} build={build} />
          ))}
        </tbody>
      </table>
      <Legend />
    </div>
  );
}

function Build({ build }: { readonly build: PageBuild }) {
  const { startedMs, patterns, ok, counts } = build;
  const { reused, all } = reuseOf(build);
  const share = all === 0 ? 0 : (100 * reused) / all;
  const parts = shownStates.filter((state) => (counts[state] ?? 0) > 0);
  const described = parts.map((state) => `${counts[state]} ${stateWords[state][1]}`).join(", ");
  return (
    <tr>
      <td class="when">{new Date(startedMs).toLocaleString()}</td>
      <th scope="row" class="path">
        {patterns.join(" ") || "."}
      </th>
      <td class={ok === true ? "good" : "bad"}>
        {ok === undefined ? "cut off" : ok ? "built" : "failed"}
      </td>
      <td class="number">{all.toLocaleString("en")}</td>
      <td>
        <div class="reuse" title={described}>
          <span class="number">{`${Math.floor(share)} %`}</span>
          <span class="stack" role="img" aria-label={described}>
            {parts.map((state) => (
              <span key={state} class={state} style={{ flexGrow: counts[state] ?? 0 }} />
            ))}
          </span>
        </div>
      </td>
    </tr>
  );
}

function Legend() {
  const states = shownStates.filter((state) => state !== "running" && state !== "waiting");
  return (
    <ul class="legend" aria-label="Colours">
      {states.map((state) => (
        <li key={state}>
          <span class={`swatch ${state}`} /> {stateWords[state][1]}
        </li>
      ))}
    </ul>
  );
}
