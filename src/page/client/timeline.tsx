import { criticalPathOf, endOf, isTimed, rowsOf, type TimedRun } from "./critical-path.ts";
import type { PageStore } from "./page-store.ts";
import { StateSign } from "./state-sign.tsx";
import { formatMs } from "./words.ts";

/** Whose last build to show. */
export interface TimelineProps {
  readonly store: PageStore;
  readonly selected: string | undefined;
  readonly select: (id: string) => void;
}

/** The last build over time, and what it waited for. */
export function Timeline({ store, selected, select }: TimelineProps) {
  const runs = [...store.runs.values()].filter(isTimed);
  if (runs.length === 0) {
    return (
      <p class="nothing">
        {store.isBuilding
          ? "Nothing has ended yet."
          : "The last build that is known of ran nothing, so there is no time to show."}
      </p>
    );
  }
  const path = criticalPathOf(runs, store.graph);
  const waitedMs = path.reduce((sum, { wallMs }) => sum + wallMs, 0);
  return (
    <div class="page-of-rows" tabIndex={0} role="region" aria-label="Timeline">
      <Chart {...{ runs, path, selected, select }} />
      <h2>
        Critical path: {formatMs(waitedMs)} of {formatMs(Math.max(...runs.map(endOf)))}
      </h2>
      <p class="muted">
        Each of these waited for the one before it. To be faster, make one of them shorter.
      </p>
      <ol class="critical">
        {path.map((run) => (
          <li key={run.id}>
            <button type="button" class="link" onClick={() => select(run.id)}>
              <StateSign state={run.state} /> <span class="badge">{run.mnemonic}</span>{" "}
              <span class="path">{run.subject}</span>
            </button>
            <span class="share">
              <span style={{ width: `${(100 * run.wallMs) / Math.max(1, waitedMs)}%` }} />
            </span>
            <span class="number">{formatMs(run.wallMs)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}

interface ChartProps extends Pick<TimelineProps, "selected" | "select"> {
  readonly runs: readonly TimedRun[];
  readonly path: readonly TimedRun[];
}

function Chart({ runs, path, selected, select }: ChartProps) {
  const rows = rowsOf(longest(runs));
  const endMs = Math.max(...runs.map(endOf));
  const critical = new Set(path);
  const height = rows.length * rowHeight + axisHeight;
  const xOf = (ms: number): number => (width * ms) / endMs;
  return (
    <svg
      class="chart"
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={`${runs.length} actions in ${formatMs(endMs)}, at most ${rows.length} at once`}
    >
      {ticksOf(endMs).map((ms) => (
        <g key={ms} class="tick">
          <line x1={xOf(ms)} x2={xOf(ms)} y1={0} y2={height - axisHeight + 4} />
          <text x={xOf(ms) + 4} y={height - 6}>
            {formatMs(ms)}
          </text>
        </g>
      ))}
      {rows.flatMap((row, at) =>
        row.map((run) => (
          <rect
            key={run.id}
            class={`run ${run.state}${critical.has(run) ? " on-path" : ""}${run.id === selected ? " selected" : ""}`}
            x={xOf(run.startMs)}
            y={at * rowHeight + 3}
            width={Math.max(1.5, xOf(run.wallMs))}
            height={rowHeight - 6}
            rx={2}
            onClick={() => select(run.id)}
          >
            <title>{`${run.mnemonic} ${run.subject}: ${formatMs(run.wallMs)}`}</title>
          </rect>
        )),
      )}
    </svg>
  );
}

/** More cannot be told apart, and take long to lay out. */
function longest(runs: readonly TimedRun[]): readonly TimedRun[] {
  if (runs.length <= shownRuns) return runs;
  return [...runs].sort((a, b) => b.wallMs - a.wallMs).slice(0, shownRuns);
}

const shownRuns = 3000;
const width = 1000;
const rowHeight = 20;
const axisHeight = 26;

/** Some four to eight round numbers from 0 on, none near the end, where its text would be cut. */
function ticksOf(endMs: number): number[] {
  const rough = endMs / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * power).find((one) => one >= rough) ?? rough;
  const count = Math.floor((endMs * 0.94) / step);
  return Array.from({ length: count + 1 }, (_, at) => at * step);
}
