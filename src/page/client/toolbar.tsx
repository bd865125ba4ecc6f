import type { GraphIndex } from "./graph-index.ts";
import { kindsIn } from "./kinds.ts";

/** What of the graph is shown, and how to change that. */
export interface ToolbarProps extends KindsMenuProps {
  readonly isCollapsed: boolean;
  readonly setCollapsed: (isCollapsed: boolean) => void;
  readonly focus: string | undefined;
  readonly leave: () => void;
}

interface KindsMenuProps {
  readonly graph: GraphIndex;
  readonly hiddenKinds: ReadonlySet<string>;
  readonly setHiddenKinds: (kinds: ReadonlySet<string>) => void;
}

export function Toolbar(props: ToolbarProps) {
  const { isCollapsed, setCollapsed, focus, leave } = props;
  return (
    <div class="tools">
      <KindsMenu {...props} />
      <label class="toggle">
        <input
          type="checkbox"
          checked={isCollapsed}
          onChange={({ currentTarget }) => setCollapsed(currentTarget.checked)}
        />
        Packages
      </label>
      {focus !== undefined && (
        <button type="button" class="focus" onClick={leave} title={focus}>
          Cone of <b>{focus.slice(focus.lastIndexOf("/") + 1)}</b>
          <span aria-hidden="true"> ✕</span>
          <span class="unseen">: show all again</span>
        </button>
      )}
    </div>
  );
}

function KindsMenu({ graph, hiddenKinds, setHiddenKinds }: KindsMenuProps) {
  const kinds = kindsIn(graph);
  const shown = kinds.filter(([kind]) => !hiddenKinds.has(kind)).length;
  const toggle = (kind: string): void => {
    const next = new Set(hiddenKinds);
    if (!next.delete(kind)) next.add(kind);
    setHiddenKinds(next);
  };
  return (
    <details class="menu" onKeyDown={closeByEscape}>
      <summary>
        Kinds <span class="muted">{`${shown}/${kinds.length}`}</span>
      </summary>
      <fieldset>
        <legend class="unseen">Kinds that are shown</legend>
        <div class="all">
          <button type="button" onClick={() => setHiddenKinds(new Set())}>
            All
          </button>
          <button
            type="button"
            onClick={() => setHiddenKinds(new Set(kinds.map(([kind]) => kind)))}
          >
            None
          </button>
        </div>
        {kinds.map(([kind, count]) => (
          <label key={kind}>
            <input type="checkbox" checked={!hiddenKinds.has(kind)} onChange={() => toggle(kind)} />
            <span>{kind}</span>
            <span class="muted">{count.toLocaleString("en")}</span>
          </label>
        ))}
      </fieldset>
    </details>
  );
}

function closeByEscape(
  event: KeyboardEvent & { readonly currentTarget: HTMLDetailsElement },
): void {
  if (event.key !== "Escape") return;
  event.currentTarget.open = false;
  event.currentTarget.querySelector("summary")?.focus();
}
