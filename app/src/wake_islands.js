const idle = window.requestIdleCallback ?? ((wake) => setTimeout(wake));
idle(async () => {
  const islands = await import(document.getElementById("islands-script").href);
  await islands.default({ module_or_path: document.getElementById("islands-wasm").href });
  islands.hydrate();
  for (const island of document.querySelectorAll("leptos-island")) {
    islands[island.dataset.component]?.(island);
  }
});
