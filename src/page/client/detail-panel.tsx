import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

import type { PageDetail, PageNode, PageRun } from "../page-data.ts";
import { NodeLinks, PathList } from "./node-links.tsx";
import type { PageStore } from "./page-store.ts";
import { loadDetail } from "./server.ts";
import { StateSign } from "./state-sign.tsx";
import { countOf, formatMs, stateWords } from "./words.ts";

/** Which node is looked at, and where it leads. */
export interface DetailPanelProps {
  readonly store: PageStore;
  readonly selected: string;
  readonly isFocused: boolean;
  readonly select: (id: string) => void;
  readonly focus: (id: string) => void;
  readonly close: () => void;
}

/** All that is known of one node. */
export function DetailPanel(props: DetailPanelProps) {
  const { store, selected, isFocused, select, focus, close } = props;
  const place = store.graph.placeOf.get(selected);
  const detail = useDetail(store, selected);
  const node = place === undefined ? undefined : store.graph.nodes[place];
  return (
    <aside aria-label="Selected node" class="detail">
      <div class="detail-head">
        <h2>{node?.name ?? selected}</h2>
        <button type="button" class="close" aria-label="Close" onClick={close}>
          ✕
        </button>
      </div>
      {node === undefined || place === undefined ? (
        <PackagePart {...{ store, selected, focus }} />
      ) : (
        <>
          <p class="sub">
            {node.group !== "file" && <StateSign state={store.stateAt(place)} isNamed />}
            <span class="muted">{node.kind}</span>
            {node.lastMs !== undefined && <span class="muted">took {formatMs(node.lastMs)}</span>}
          </p>
          <div class="commands">
            <button type="button" disabled={isFocused} onClick={() => focus(selected)}>
              Show only its cone
            </button>
          </div>
          <NodeFacts {...{ node, detail, run: store.runs.get(selected), store, select }} />
          <NodeLinks title="Needs" places={store.graph.needs[place]!} {...{ store, select }} />
          <NodeLinks title="Needed by" places={store.graph.users[place]!} {...{ store, select }} />
        </>
      )}
    </aside>
  );
}

function PackagePart({
  store,
  selected,
  focus,
}: Pick<DetailPanelProps, "store" | "selected" | "focus">) {
  const name = selected.replace(/^\/\//, "");
  const count = store.graph.nodes.filter((node) => node.package === name).length;
  return (
    <>
      <p class="sub muted">package with {countOf(count, "node")}</p>
      <div class="commands">
        <button type="button" onClick={() => focus(selected)}>
          Show what is in packages
        </button>
      </div>
    </>
  );
}

interface NodeFactsProps {
  readonly node: PageNode;
  readonly detail: PageDetail | undefined;
  readonly run: PageRun | undefined;
  readonly store: PageStore;
  readonly select: (id: string) => void;
}

function NodeFacts({ node, detail, run, store, select }: NodeFactsProps) {
  const why = detail?.why;
  const reasons = run !== undefined && run.reasons.length > 0 ? run.reasons : (why?.reasons ?? []);
  const outcome = run?.state === "running" ? run.state : (why?.outcome ?? run?.state);
  const wallMs = run?.wallMs ?? why?.wallMs ?? 0;
  return (
    <>
      {run?.failure !== undefined && (
        <Section title="What failed">
          <pre class="failure">{run.failure}</pre>
        </Section>
      )}
      {outcome !== undefined && reasons.length > 0 && (
        <Section title={outcome === "running" ? "Why it runs" : "Why it ran"}>
          <ul class="reasons">
            {reasons.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
          <p class="muted">
            {stateWords[outcome][1]}
            {wallMs > 0 && `, ${formatMs(wallMs)}`}
            {why !== undefined && `, build of ${new Date(why.startedMs).toLocaleString()}`}
          </p>
        </Section>
      )}
      {detail?.command !== undefined && (
        <Section title="Command">
          <pre tabIndex={0} aria-label="Command">
            {detail.command}
          </pre>
          <CopyButton text={detail.command} />
        </Section>
      )}
      <PathList title="Outputs" paths={detail?.outputs} {...{ store, select }} />
      <PathList title="Inputs" paths={detail?.inputs} {...{ store, select }} />
      <Section title="Facts">
        <dl>
          <dt>{node.group === "action" ? "Action" : "Label"}</dt>
          <dd>{node.id}</dd>
          {node.owner !== undefined && (
            <>
              <dt>Target</dt>
              <dd>
                <button type="button" class="link" onClick={() => select(node.owner!)}>
                  {node.owner}
                </button>
              </dd>
            </>
          )}
          {detail?.location !== undefined && <Fact name="Stated at" text={detail.location} />}
          {detail?.tools !== undefined && <Fact name="Tools" text={detail.tools.join(" ")} />}
          {why?.key !== undefined && <Fact name="Action key" text={why.key} />}
        </dl>
      </Section>
    </>
  );
}

function Fact({ name, text }: { readonly name: string; readonly text: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{text}</dd>
    </>
  );
}

/** A part of the panel with a heading. */
export function Section({
  title,
  children,
}: {
  readonly title: string;
  readonly children: ComponentChildren;
}) {
  return (
    <section>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function CopyButton({ text }: { readonly text: string }) {
  const [isCopied, setCopied] = useState(false);
  // A page that is a file may have no clipboard.
  if (navigator.clipboard === undefined) return null;
  const copy = (): void => void navigator.clipboard.writeText(text).then(() => setCopied(true));
  return (
    <button type="button" class="copy" onClick={copy}>
      {isCopied ? "Copied" : "Copy"}
    </button>
  );
}

/** What the server knows of a node, asked for again when a build may have changed it. */
function useDetail({ data }: PageStore, id: string): PageDetail | undefined {
  const [detail, setDetail] = useState<PageDetail>();
  useEffect(() => {
    let isCurrent = true;
    void loadDetail(data, id).then((loaded) => {
      if (isCurrent) setDetail(loaded);
    });
    return () => {
      isCurrent = false;
    };
  }, [data, id]);
  return detail;
}
