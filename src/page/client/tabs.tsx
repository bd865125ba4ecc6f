/** What the middle of the page can show. */
export type TabName = (typeof tabs)[number];

const tabs = ["Graph", "Nodes", "Timeline", "Builds"] as const;

/** What to choose from. */
export interface TabsProps {
  readonly current: TabName;
  readonly choose: (tab: TabName) => void;
}

/** Source: WAI-ARIA Authoring Practices, "Tabs". */
export function Tabs({ current, choose }: TabsProps) {
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    const next = tabs[(tabs.indexOf(current) + step + tabs.length) % tabs.length]!;
    choose(next);
    document.getElementById(`tab-${next}`)?.focus();
    event.preventDefault();
  };
  return (
    <div class="tabs" role="tablist" aria-label="Views" onKeyDown={onKeyDown}>
      {tabs.map((tab) => (
        <button
          key={tab}
          id={`tab-${tab}`}
          type="button"
          role="tab"
          aria-selected={tab === current}
          aria-controls="view"
          tabIndex={tab === current ? 0 : -1}
          onClick={() => choose(tab)}
        >
          {tab}
        </button>
      ))}
    </div>
  );
}
