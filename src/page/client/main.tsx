// The page: loads its data, and shows it.

import { render } from "preact";

import { App } from "./app.tsx";
import { PageStore } from "./page-store.ts";
import { follow, loadData } from "./server.ts";
import "./style.css";

const root = document.getElementById("page")!; // The document has it.

loadData().then(
  (data) => {
    const store = new PageStore(data);
    document.title = `${data.title} · kraft-graph`;
    if (data.isLive) follow(store);
    render(<App store={store} />, root);
  },
  (error: unknown) => {
    const text = error instanceof Error ? error.message : String(error);
    render(<p class="nothing">There is nothing to show: {text}</p>, root);
  },
);
