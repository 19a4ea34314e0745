/** `<table data-grid>`: arrows move between cells, one cell at a time can be tabbed to, Enter follows its link or the
 * row's, Space ticks the row. */
function cellsOf(table: HTMLTableElement): HTMLTableCellElement[][] {
  return [...table.tBodies].flatMap((body) => [...body.rows]).map((row) => [...row.cells]);
}

function prepare(table: HTMLTableElement): void {
  cellsOf(table).forEach((row, y) =>
    row.forEach((cell, x) => {
      cell.tabIndex = x === 0 && y === 0 ? 0 : -1;
      cell.querySelectorAll<HTMLElement>("a, button, input").forEach((inner) => (inner.tabIndex = -1));
    }),
  );
}

function move(event: KeyboardEvent): void {
  const cell = (event.target as Element).closest<HTMLTableCellElement>("table[data-grid] tbody :is(td, th)");
  if (!cell || event.target !== cell) return;
  const rows = cellsOf(cell.closest("table")!);
  const y = rows.findIndex((row) => row.includes(cell));
  const row = rows[y]!;
  const x = row.indexOf(cell);
  const steps: Record<string, [number, number]> = {
    ArrowUp: [y - 1, x],
    ArrowDown: [y + 1, x],
    ArrowLeft: [y, x - 1],
    ArrowRight: [y, x + 1],
    Home: [event.ctrlKey ? 0 : y, 0],
    End: [event.ctrlKey ? rows.length - 1 : y, row.length - 1],
  };
  if (event.key === "Enter") return (cell.querySelector<HTMLElement>("a, button") ?? cell.parentElement!.querySelector<HTMLElement>("th a"))?.click();
  const box = event.key === " " && cell.parentElement!.querySelector<HTMLInputElement>("input[type=checkbox]");
  if (box) {
    event.preventDefault();
    return box.click();
  }
  const [toY, toX] = steps[event.key] ?? [-1, -1];
  const to = rows[toY]?.[toX];
  if (!to) return;
  event.preventDefault();
  cell.tabIndex = -1;
  to.tabIndex = 0;
  to.focus();
}

export function startGrids(): void {
  const all = (): void => document.querySelectorAll<HTMLTableElement>("table[data-grid]").forEach(prepare);
  all();
  document.addEventListener("htmx:afterSettle", all);
  document.addEventListener("keydown", move);
}
